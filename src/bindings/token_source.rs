//! Token sources as JavaScript has them: a token, a function, or a credential with `getToken`.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::credential::{CredentialRequest, request_token};
use super::host::call_token_function;
use super::value::Js;
use crate::protocol::token::{Token, TokenRequest};

/// A token source. Two are equal if they are the same text, function or object.
#[derive(Clone, PartialEq)]
pub enum TokenSource {
    /// The token itself.
    Text(Token<Js>),
    /// A function. Each call requests its own token, because the result may depend on the caller.
    Function(JsValue),
    /// A credential, whose tokens are shared by all calls.
    Credential(JsValue),
}

/// An open token request. Dropping it says that this call no longer awaits the token.
pub struct OpenTokenRequest(Option<CredentialRequest>);

impl TokenSource {
    /// Checks the argument or option.
    ///
    /// # Errors
    /// Describes the problem, as the end of a sentence that begins with the argument's name; or what a getter threw.
    pub fn new(source: JsValue) -> Result<Result<TokenSource, &'static str>, JsValue> {
        if source.is_string() {
            return Ok(Token::new(Js(source)).map(TokenSource::Text));
        }
        if source.is_function() {
            return Ok(Ok(TokenSource::Function(source)));
        }
        if source.is_object() && Reflect::get(&source, &"getToken".into())?.is_function() {
            return Ok(Ok(TokenSource::Credential(source)));
        }
        Ok(Err("must be an access token, a function that returns one, or a credential with getToken()"))
    }

    /// The token, if the caller passed the token itself.
    pub fn text(&self) -> Option<&Token<Js>> {
        if let TokenSource::Text(token) = self { Some(token) } else { None }
    }

    /// Requests a token.
    pub fn request_token(&self, request: &TokenRequest<Js>) -> (OpenTokenRequest, Promise) {
        let TokenRequest { scope, claims, refused, timeout } = request;
        match self {
            TokenSource::Text(token) => (OpenTokenRequest(None), Promise::resolve(&token.value().0)),
            TokenSource::Function(function) => {
                (OpenTokenRequest(None), call_token_function(function, scope, claims.as_deref()))
            }
            TokenSource::Credential(credential) => {
                let refused = refused.as_ref().map_or(JsValue::UNDEFINED, |token| token.value().0.clone());
                let request = request_token(credential, scope, claims.as_deref(), &refused, timeout.0);
                let token = request.token();
                (OpenTokenRequest(Some(request)), token)
            }
        }
    }
}

impl OpenTokenRequest {
    /// Says that what came is not a token, so that it is not passed to later calls.
    pub fn refuse(&self) {
        if let Some(request) = &self.0 {
            request.refuse();
        }
    }
}

impl Drop for OpenTokenRequest {
    fn drop(&mut self) {
        if let Some(request) = &self.0 {
            request.leave();
        }
    }
}
