//! Checks what a case expects of its run, member by member.

use serde_json::Value as Json;
use teams_device_diagnostics::protocol::time::{Instant, Millis};

use crate::caller::Outcome;
use crate::script::{Script, SentRequest};
use crate::{RunSpec, millis};

/// Times are sums of floating-point numbers.
const ROUNDING: Millis = Millis(0.001);

/// A run and everything that was observed of it.
pub struct Run<'a> {
    pub spec: &'a RunSpec,
    /// The only origin that the token may be sent to.
    pub origin: String,
    pub script: Script,
    /// The token requests: scope and claims.
    pub token_requests: Vec<(String, Json)>,
    pub events: Vec<Json>,
    /// The outcomes of the calls; fewer than `calls` if one never ended.
    pub outcomes: Vec<Outcome>,
    pub calls: usize,
    pub began: Instant,
    pub ended: Instant,
    /// The number of effects that the calls returned after their end.
    pub effects_afterwards: usize,
}

impl Run<'_> {
    /// The differences from the expectations, in words.
    pub fn failures(&self) -> Vec<String> {
        self.always().into_iter().chain(self.spec.names().filter_map(|name| self.member(name).err())).collect()
    }

    /// What every case expects implicitly.
    fn always(&self) -> Vec<String> {
        let sent = self.script.sent.borrow();
        let sent_elsewhere = sent.iter().any(|sent| !sent.url.starts_with(&format!("{}/", self.origin)));
        let scope = format!("{}/.default", self.origin);
        let lists = self.spec.get("requests")["lists"].as_u64().unwrap_or(0) as usize;
        [
            same("calls that ended", &self.outcomes.len(), &self.calls),
            same("unexpected requests", &*self.script.unexpected.borrow(), &Vec::new()),
            same("exchanges without a request", &self.script.unused(), &Vec::new()),
            same("effects after the end", &self.effects_afterwards, &0),
            same("requests to another origin", &sent_elsewhere, &false),
            same("requests with a token of its own", &sent.iter().any(|sent| !self.was_given(&sent.token)), &false),
            same("requests for the list", &sent.iter().filter(|sent| sent.is_list()).count(), &lists),
            same("other scopes", &self.token_requests.iter().any(|(requested, _)| *requested != scope), &false),
            // Without these two, a case would pass whatever happened.
            same("an outcome is expected", &self.spec.get("outcome").is_string(), &true),
            same("an error is expected", &self.spec.get("error").is_object(), &(self.spec.get("outcome") == "reject")),
        ]
        .into_iter()
        .filter_map(Result::err)
        .collect()
    }

    /// Checks one member of the expectations.
    fn member(&self, name: &str) -> Result<(), String> {
        let expected = self.spec.get(name);
        let sent = self.script.sent.borrow();
        match name {
            // Inputs, and inputs that are repeated in words: `calls` and `tokens` say the same.
            "exchanges" | "options" | "tokens" | "abort" | "now" | "calls" | "devices" | "call" | "token" => Ok(()),
            "with" | "device" | "location" | "token_text" | "sleep_ms" | "offline_ms" => Ok(()),
            "outcome" => self.each_outcome(|outcome, value| match expected == outcome {
                true => Ok(()),
                false => Err(format!("{outcome} {value}, expected {expected}")),
            }),
            "value" => self.each_outcome(|_, value| matches(name, value, expected)),
            "error" => self.each_outcome(|_, error| self.error(error, expected)),
            "requests" => self.request_counts(expected),
            "polled" => same(name, &urls(sent.iter().filter(|sent| sent.is_poll())), expected),
            "authorization_sent" => same(name, &Json::from(sent.iter().all(|sent| sent.token == "T")), expected),
            "authorization_sent_to" => expected.as_object().into_iter().flatten().try_for_each(|(origin, expected)| {
                same(origin, &Json::from(sent.iter().any(|sent| sent.url.starts_with(origin.as_str()))), expected)
            }),
            "waits_ms" => items(expected).iter().try_for_each(|wait| self.wait(wait)),
            "within_ms" => self.within(expected),
            "ends_ms" => self.ends(expected),
            "progress" => self.progress(expected),
            "progress_calls" => same(name, &Json::from(self.status_events().count()), expected),
            "events" => same(name, &self.events.iter().map(|event| event["event"]["type"].clone()).collect(), expected),
            "recovered" => self.recovered(expected),
            "token_calls" => same(name, &self.token_requests.iter().map(|(_, claims)| claims.clone()).collect(), expected),
            "tokens_carried" => same(name, &sent.iter().map(|sent| Json::from(sent.token.clone())).collect(), expected),
            "text_lacks" => self.text_lacks(expected),
            "max_in_flight" => same(name, &Json::from(self.script.most_in_flight.get()), expected),
            "all" => same(name, &Json::from(if self.outcomes.len() == self.calls { "settled" } else { "open" }), expected),
            _ => Err(format!("nobody knows what {name} is")),
        }
    }

    fn was_given(&self, token: &str) -> bool {
        let text = [self.spec.token_text()];
        let given = self.spec.get("tokens").as_array().map_or(&text[..], Vec::as_slice);
        given.iter().any(|given| given.as_str().is_some_and(|given| given.trim() == token))
    }

    fn each_outcome(&self, check: impl Fn(&str, &Json) -> Result<(), String>) -> Result<(), String> {
        self.outcomes.iter().map(Outcome::parts).try_for_each(|(outcome, value)| check(outcome, value))
    }

    fn error(&self, error: &Json, expected: &Json) -> Result<(), String> {
        expected.as_object().into_iter().flatten().try_for_each(|(name, expected)| match name.as_str() {
            "has" => items(expected)
                .iter()
                .filter_map(Json::as_str)
                .try_for_each(|member| same(&format!("error has {member}"), &error.get(member).is_some(), &true)),
            "mentions" => contains("error.message", &error["message"], expected),
            "hints" => contains("error.hint", &error["hint"], expected),
            _ => matches(&format!("error.{name}"), &error[name], expected),
        })
    }
}

impl Run<'_> {
    fn request_counts(&self, expected: &Json) -> Result<(), String> {
        let sent = self.script.sent.borrow();
        let count = |is_counted: fn(&&SentRequest) -> bool| Json::from(sent.iter().filter(is_counted).count());
        expected.as_object().into_iter().flatten().try_for_each(|(name, expected)| match name.as_str() {
            "POST" => same("POST", &count(|sent| sent.method == "POST"), expected),
            "GET" => same("GET", &count(|sent| sent.is_poll()), expected),
            "lists" => Ok(()), // always checked
            _ => Err(format!("nobody counts {name}")),
        })
    }

    /// `["poll 2", least, most]`: the time between the response before that poll and the poll. `request` counts all
    /// requests.
    fn wait(&self, expected: &Json) -> Result<(), String> {
        let (kind, which) = expected[0].as_str().and_then(|name| name.split_once(' ')).ok_or("which request?")?;
        let which = which.parse::<usize>().map_err(|error| error.to_string())?;
        let sent = self.script.sent.borrow();
        let mut requests = sent.iter().enumerate().filter(|(_, sent)| kind == "request" || sent.is_poll());
        let (number, request) = requests.nth(which - 1).ok_or(format!("there is no {kind} {which}"))?;
        let waited = request.at - self.last_response_at(&sent[..number]);
        let least = millis(&expected[1]).ok_or("how long?")?;
        let most = millis(&expected[2]).unwrap_or(least);
        if (least - ROUNDING..=most + ROUNDING).contains(&waited) {
            Ok(())
        } else {
            Err(format!("the wait before {kind} {which}: {waited:?}, expected {least:?} to {most:?}"))
        }
    }

    /// The time from the abort, or else from the last response, to the end.
    fn within(&self, expected: &Json) -> Result<(), String> {
        let responded_at = self.last_response_at(&self.script.sent.borrow());
        let cause = millis(&self.spec.get("abort")["after_ms"]).map_or(responded_at, |after| self.began + after);
        let (took, most) = (self.ended - cause, millis(expected).ok_or("within what?")?);
        if (Millis::ZERO..=most + ROUNDING).contains(&took) {
            Ok(())
        } else {
            Err(format!("ended after {took:?}, expected {most:?}"))
        }
    }

    /// The time from the first call to the end of the last.
    fn ends(&self, expected: &Json) -> Result<(), String> {
        let took = self.ended - self.began;
        let (least, most) = millis(&expected[0]).zip(millis(&expected[1])).ok_or("between what?")?;
        if (least..=most).contains(&took) { Ok(()) } else { Err(format!("ended after {took:?}, expected {expected}")) }
    }

    /// When the last of these requests got its response, or else the beginning.
    fn last_response_at(&self, sent: &[SentRequest]) -> Instant {
        let responded_at = sent.iter().filter_map(|sent| sent.responded_at);
        responded_at.fold(self.began, Instant::max)
    }

    fn status_events(&self) -> impl Iterator<Item = &Json> {
        self.events.iter().map(|event| &event["event"]).filter(|event| event["type"] == "status")
    }

    fn progress(&self, expected: &Json) -> Result<(), String> {
        same("status events", &self.status_events().count(), &items(expected).len())?;
        let pairs = self.status_events().zip(items(expected));
        pairs.into_iter().try_for_each(|(event, expected)| matches("progress", &event["operation"], expected))
    }

    /// The run that was found by a search, if any was.
    fn recovered(&self, expected: &Json) -> Result<(), String> {
        let recovered = self.events.iter().map(|event| &event["event"]).find(|event| event["recovered"] == true);
        same("recovered", recovered.map_or(&Json::Bool(false), |event| &event["operation"]["id"]), expected)
    }

    /// Everything that is visible to the caller.
    fn text_lacks(&self, expected: &Json) -> Result<(), String> {
        let text = format!("{:?} {:?}", self.outcomes, self.events);
        let shown = items(expected).iter().filter_map(Json::as_str).find(|part| text.contains(part));
        shown.map_or(Ok(()), |part| Err(format!("{part:?} is shown in {text}")))
    }
}

fn items(list: &Json) -> &[Json] {
    list.as_array().map_or(&[], Vec::as_slice)
}

fn urls<'a>(sent: impl Iterator<Item = &'a SentRequest>) -> Json {
    sent.map(|sent| sent.url.as_str()).collect()
}

fn contains(what: &str, text: &Json, part: &Json) -> Result<(), String> {
    let (text, part) = (text.as_str().unwrap_or_default(), part.as_str().unwrap_or("?"));
    if text.contains(part) { Ok(()) } else { Err(format!("{what}: {text:?} lacks {part:?}")) }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, seen: &T, expected: &T) -> Result<(), String> {
    if seen == expected { Ok(()) } else { Err(format!("{what}: {seen:?}, expected {expected:?}")) }
}

/// Checks that a value is the expected one; an object may have additional members.
fn matches(what: &str, seen: &Json, expected: &Json) -> Result<(), String> {
    match (expected.as_object(), seen.as_f64().zip(expected.as_f64())) {
        (Some(members), _) => {
            members.iter().try_for_each(|(name, expected)| matches(&format!("{what}.{name}"), &seen[name], expected))
        }
        (_, Some((seen, expected))) => same(what, &seen, &expected),
        _ => same(what, seen, expected),
    }
}
