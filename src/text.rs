//! Text without the formatting machinery of the standard library, which would cost the download 1.3 KB and more.

/// A whole number in decimal digits.
pub fn decimal(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

/// Two upper-case hexadecimal digits of a byte.
pub fn hex(byte: u8) -> [char; 2] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    [byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        for number in [0, 7, 10, 404, u32::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
        assert_eq!(hex(0x0f), ['0', 'F']);
        assert_eq!(hex(0xa0), ['A', '0']);
    }
}
