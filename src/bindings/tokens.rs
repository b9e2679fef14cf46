//! Token sources as JavaScript has them: a string, a function, or a credential with `getToken`.

use alloc::string::String;
use wasm_bindgen::prelude::*;

use super::value::{Js, member};
use super::waiting::{Id, Settle, Waiting};
use crate::token::{self, TokenError, TokenSource, Wanted};

#[wasm_bindgen(module = "/src/bindings/tokens.js")]
extern "C" {
    #[wasm_bindgen(js_name = askToken)]
    fn ask_token(source: &JsValue, scope: &str, claims: Option<&str>, refused: Option<&str>, id: Id, settle: &Settle);
}

/// A token source: the token itself, a function that gets one, or an object with `getToken`.
#[derive(Clone)]
pub struct Tokens(pub JsValue);

impl Tokens {
    /// Takes the argument or option.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with its name.
    pub fn new(source: JsValue) -> Result<Tokens, &'static str> {
        if let Some(token) = source.as_string() {
            token::check(&token)?;
            return Ok(Tokens(source));
        }
        if source.is_function() || member(&source, "getToken").is_function() {
            return Ok(Tokens(source));
        }
        Err("must be an access token, a function that returns one, or a credential with getToken()")
    }
}

impl TokenSource<Js> for Tokens {
    async fn token(&self, wanted: &Wanted<'_>) -> Result<String, TokenError<Js>> {
        // Read anew each time: a call that waits holds no copy of it.
        if let Some(token) = self.0.as_string() {
            return Ok(token);
        }
        let Wanted { scope, claims, refused } = *wanted;
        let asked = Waiting::new(|id, settle| ask_token(&self.0, scope, claims, refused, id, settle));
        let token = asked.await.map_err(|error| TokenError::Failed(Js(error)))?;
        token.as_string().ok_or(TokenError::Invalid("must be text, but the token source gave none"))
    }

    fn can_renew(&self) -> bool {
        !self.0.is_string()
    }
}
