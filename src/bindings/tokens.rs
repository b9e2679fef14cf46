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
pub struct Tokens {
    /// As the caller gave it.
    pub source: JsValue,
    /// The token, when the source is the token itself: every request needs it, and reading it again takes time.
    text: Option<String>,
}

impl Tokens {
    /// Takes the argument or option.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with its name.
    pub fn new(source: JsValue) -> Result<Tokens, &'static str> {
        let text = source.as_string();
        match &text {
            Some(token) => token::check(token)?,
            None if source.is_function() || member(&source, "getToken").is_function() => {}
            None => return Err("must be an access token, a function that returns one, or a credential with getToken()"),
        }
        Ok(Tokens { source, text })
    }
}

impl TokenSource<Js> for Tokens {
    async fn token(&self, wanted: &Wanted<'_>) -> Result<String, TokenError<Js>> {
        if let Some(token) = &self.text {
            return Ok(token.clone());
        }
        let Wanted { scope, claims, refused } = *wanted;
        let asked = Waiting::new(|id, settle| ask_token(&self.source, scope, claims, refused, id, settle));
        let token = asked.await.map_err(|error| TokenError::Failed(Js(error)))?;
        token.as_string().ok_or(TokenError::Invalid("must be text, but the token source gave none"))
    }

    fn can_renew(&self) -> bool {
        self.text.is_none()
    }
}
