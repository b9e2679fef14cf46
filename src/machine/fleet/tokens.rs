//! The token requests of a fleet, and the one that may end a pause.

use crate::machine::effect::{Host, Input, TokenFailure};
use crate::machine::fleet::Fleet;
use crate::machine::fleet::effect::FleetEffect;
use crate::protocol::token::Token;

impl<V: Host> Fleet<V> {
    pub(super) fn request_next_token(&mut self) {
        // A fleet that ends needs no token any more.
        if self.ending.is_some() {
            return;
        }
        if let Some(request) = self.tokens.open_next() {
            self.effects.push(FleetEffect::GetToken(Box::new(request)));
        }
    }

    pub(super) fn on_token(&mut self, result: Result<Token<V>, TokenFailure<V>>) {
        if !self.tokens.is_open() {
            return;
        }
        self.renewal_deadline = None;
        if self.pauses.refusal.is_some() {
            self.on_renewal(&result);
            self.update_pause();
        }
        for key in self.tokens.close() {
            let is_lost = result.is_ok() && !self.may_send(key);
            self.step_call(key, if is_lost { Input::TurnLost } else { Input::Token(copy(&result)) });
        }
        self.request_next_token();
    }

    /// Handles a token that may end a pause, whoever requested it.
    pub(super) fn on_renewal(&mut self, result: &Result<Token<V>, TokenFailure<V>>) {
        match result {
            Ok(token) if self.pauses.is_new(token) => {
                self.pauses.on_new_token(self.now.instant);
                self.forget_refusal();
            }
            _ if self.pauses.is_doubtful() => {}
            Ok(token) => {
                self.pauses.on_repeated_token(token);
                self.pauses.on_no_token(self.now.instant);
                self.probe_in_pause();
            }
            Err(_) => self.pauses.on_no_token(self.now.instant),
        }
    }

    /// Requests a token without any request that needs it, to end a pause.
    pub(super) fn renew_token(&mut self) {
        let Some(request) = self.pauses.token_request() else { return };
        // If another request is open, its result is awaited first.
        if self.tokens.open_own(request.clone()) {
            self.pauses.on_request();
            self.renewal_deadline = Some(self.now.instant + request.timeout);
            self.effects.push(FleetEffect::GetToken(Box::new(request)));
        } else {
            self.pauses.on_no_token(self.now.instant);
        }
    }

    /// Gives up the token request that is to end a pause, if there is one.
    pub(super) fn abandon_renewal(&mut self) {
        if self.renewal_deadline.take().is_some() {
            self.tokens.close();
            self.effects.push(FleetEffect::AbandonToken);
        }
    }
}

fn copy<V: Host>(result: &Result<Token<V>, TokenFailure<V>>) -> Result<Token<V>, TokenFailure<V>> {
    match result {
        Ok(token) => Ok(token.clone()),
        Err(TokenFailure::Invalid(problem)) => Err(TokenFailure::Invalid(problem)),
        Err(TokenFailure::Failed(cause)) => Err(TokenFailure::Failed(cause.clone())),
    }
}
