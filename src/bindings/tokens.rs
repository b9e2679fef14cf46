//! Token sources as JavaScript has them: a string, a function, or a credential with `getToken`.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::value::{Js, member};
use crate::token::{self, TokenError, TokenSource};

/// A token source.
#[derive(Clone)]
pub enum Tokens {
    /// The token itself.
    Text(String),
    /// A function that gets one.
    Function(Function),
    /// An object, and its `getToken`.
    Credential(JsValue, Function),
}

impl Tokens {
    /// Takes the argument or option.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with its name.
    pub fn new(source: JsValue) -> Result<Tokens, &'static str> {
        if let Some(token) = source.as_string() {
            token::check(&token)?;
            return Ok(Tokens::Text(token));
        }
        if source.is_function() {
            return Ok(Tokens::Function(source.unchecked_into()));
        }
        match member(&source, "getToken").dyn_into() {
            Ok(get_token) => Ok(Tokens::Credential(source, get_token)),
            Err(_) => Err("must be an access token, a function that returns one, or a credential with getToken()"),
        }
    }
}

impl TokenSource<Js> for Tokens {
    async fn token(&self, scope: &str) -> Result<String, TokenError<Js>> {
        let scopes = Array::of1(&scope.into());
        let asked = Object::new();
        let answer = match self {
            Tokens::Text(token) => return Ok(token.clone()),
            Tokens::Function(function) => {
                let _ = Reflect::set(&asked, &"scopes".into(), &scopes);
                function.call1(&JsValue::UNDEFINED, &asked)
            }
            Tokens::Credential(credential, get_token) => get_token.call2(credential, &scopes, &asked),
        };
        let failed = |error| TokenError::Failed(Js(error));
        let answer = JsFuture::from(Promise::resolve(&answer.map_err(failed)?)).await.map_err(failed)?;
        let token = if matches!(self, Tokens::Credential(..)) { member(&answer, "token") } else { answer };
        token.as_string().ok_or(TokenError::Invalid("must be text, but the token source gave none"))
    }
}
