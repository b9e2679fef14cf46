//! The responses of whatever stands between the caller and the service: gateways, redirects and sign-in pages.

use teams_device_diagnostics::protocol::http::Request;
use teams_device_diagnostics_simulator as simulator;

use crate::document::Document;
use crate::network::{Reply, plain, token_of};
use crate::plan::FOREIGN;
use crate::service::Service;

impl Service {
    /// An error of a gateway, with a `Retry-After` of any kind.
    pub fn gateway(&self, status: u16, request: &Request<Document>) -> Reply {
        let body = match self.rng.below(4) {
            0 => "<html><body>Bad Gateway</body></html>".into(),
            1 => format!(r#"{{"error":{{"code":"Odd","message":"Bearer {} is refused"}}}}"#, self.repeated_token(request)),
            2 => String::new(),
            _ => r#"{"error":{"code":"","innererror":{"request-id":"r"}}}"#.into(),
        };
        let mut reply = Reply::of(simulator::Response { body, ..plain(status) });
        if !self.rng.happens(0.4) {
            reply.request_wait(self.retry_after());
        }
        reply
    }

    /// A token of this call, not only that of this request, in any form.
    fn repeated_token(&self, request: &Request<Document>) -> String {
        let used = self.record.tokens_sent.borrow();
        let token = if self.rng.happens(0.5) { self.rng.pick(&used) } else { token_of(request) };
        let spelling = self.rng.below(4);
        let escaped = |character: char| match spelling {
            1 => format!("\\u{:04X}", u32::from(character)),
            2 => format!("%{:02x}", u32::from(character)),
            3 => format!("&#{};", u32::from(character)),
            _ => character.to_string(),
        };
        let needs_escape = |character: char| !character.is_ascii_alphanumeric() || self.rng.happens(0.1);
        token.chars().map(|character| if needs_escape(character) { escaped(character) } else { character.into() }).collect()
    }

    /// A gateway's own 503.
    pub fn unavailable(&self) -> Reply {
        let body = self.rng.pick(&["", "<html>", r#"{"error":"no backend"}"#]).into();
        Reply::of(simulator::Response { body, ..plain(503) })
    }

    pub fn redirect(&self) -> Reply {
        let mut reply = Reply::of(plain(302));
        reply.add_field("Location", self.rng.pick(&FOREIGN).into());
        reply
    }
}

/// The sign-in page of a network.
pub fn portal() -> Reply {
    Reply::of(simulator::Response { body: "<html><body>Sign in to the network</body></html>".into(), ..plain(200) })
}
