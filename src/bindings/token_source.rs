//! Token sources as JavaScript has them: a text, a function, or a credential with `getToken`.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::credential::{Question, ask};
use super::host::ask_function;
use super::value::Js;
use crate::protocol::token::{Token, TokenRequest};

/// A token source. The same text, function or object is the same source.
#[derive(Clone, PartialEq)]
pub enum TokenSource {
    /// The token itself.
    Text(Token<Js>),
    /// A function, which each call asks for itself: its answer may depend on who calls.
    Function(JsValue),
    /// A credential, whose answers are shared.
    Credential(JsValue),
}

/// A question that is open. Dropping it says that nobody awaits the answer here.
pub struct OpenQuestion(Option<Question>);

impl TokenSource {
    /// Takes the argument or option.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with its name; or what a getter threw.
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

    /// The token, where the caller gave the token itself.
    pub fn text(&self) -> Option<&Token<Js>> {
        if let TokenSource::Text(token) = self { Some(token) } else { None }
    }

    /// Asks for a token.
    pub fn ask(&self, request: &TokenRequest<Js>) -> (OpenQuestion, Promise) {
        let TokenRequest { scope, claims, refused, timeout } = request;
        match self {
            TokenSource::Text(token) => (OpenQuestion(None), Promise::resolve(&token.value().0)),
            TokenSource::Function(function) => (OpenQuestion(None), ask_function(function, scope, claims.as_deref())),
            TokenSource::Credential(credential) => {
                let refused = refused.as_ref().map_or(JsValue::UNDEFINED, |token| token.value().0.clone());
                let question = ask(credential, scope, claims.as_deref(), &refused, timeout.0);
                let token = question.token();
                (OpenQuestion(Some(question)), token)
            }
        }
    }
}

impl OpenQuestion {
    /// The answer is no token: who asks next is not given it.
    pub fn refuse(&self) {
        if let Some(question) = &self.0 {
            question.refuse();
        }
    }
}

impl Drop for OpenQuestion {
    fn drop(&mut self) {
        if let Some(question) = &self.0 {
            question.leave();
        }
    }
}
