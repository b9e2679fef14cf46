//! Cargo does not see by itself that the bindings' JavaScript is compiled in.

fn main() {
    println!("cargo::rerun-if-changed=src/bindings");
}
