//! What a case expects of the run that was carried out, member by member.

use serde_json::Value as Json;

use crate::Said;
use crate::caller::Ending;
use crate::script::{Script, Sent};

/// A run and all that was seen of it.
pub struct Run<'a> {
    pub said: &'a Said,
    /// Where the token may go.
    pub origin: String,
    pub platform: Script,
    /// What the token source was asked for: the scope, and the claims.
    pub asked: Vec<(String, Json)>,
    pub events: Vec<Json>,
    /// How the calls ended; fewer than `calls` when one never did.
    pub endings: Vec<Ending>,
    pub calls: usize,
    pub began: f64,
    pub ended: f64,
    /// How many requests there were at the end.
    pub requests: usize,
}

impl Run<'_> {
    /// What does not hold, in words.
    pub fn broken(&self) -> Vec<String> {
        self.always().into_iter().chain(self.said.names().filter_map(|name| self.member(name).err())).collect()
    }

    /// What every case expects without saying it.
    fn always(&self) -> Vec<String> {
        let sent = self.platform.sent.borrow();
        let sent_elsewhere = sent.iter().any(|sent| !sent.url.starts_with(&format!("{}/", self.origin)));
        let scope = format!("{}/.default", self.origin);
        let lists = self.said.get("requests")["lists"].as_u64().unwrap_or(0) as usize;
        [
            same("calls that ended", &self.endings.len(), &self.calls),
            same("unexpected requests", &*self.platform.unexpected.borrow(), &Vec::new()),
            same("exchanges without a request", &self.platform.unused(), &Vec::new()),
            same("requests after the end", &(sent.len() - self.requests), &0),
            same("requests to another origin", &sent_elsewhere, &false),
            same("requests with a token of its own", &sent.iter().any(|sent| !self.was_given(&sent.token)), &false),
            same("looks at the list", &sent.iter().filter(|sent| sent.is_list()).count(), &lists),
            same("other scopes", &self.asked.iter().any(|(asked, _)| *asked != scope), &false),
            // Without these two a case would hold whatever happens.
            same("an outcome is expected", &self.said.get("outcome").is_string(), &true),
            same("an error is expected", &self.said.get("error").is_object(), &(self.said.get("outcome") == "reject")),
        ]
        .into_iter()
        .filter_map(Result::err)
        .collect()
    }

    /// One member of what the case says.
    fn member(&self, name: &str) -> Result<(), String> {
        let said = self.said.get(name);
        let sent = self.platform.sent.borrow();
        match name {
            // What is given, and what is given in words: `calls` and `tokens` say the same.
            "exchanges" | "options" | "tokens" | "abort" | "now" | "calls" | "devices" | "call" | "token" => Ok(()),
            "outcome" => self.each_ending(|ending, value| match said == ending {
                true => Ok(()),
                false => Err(format!("{ending} {value}, expected {said}")),
            }),
            "value" => self.each_ending(|_, value| holds(name, value, said)),
            "error" => self.each_ending(|_, error| self.error(error, said)),
            "requests" => self.request_counts(said),
            "polled" => same(name, &urls(sent.iter().filter(|sent| sent.is_look())), said),
            "authorization_sent" => same(name, &Json::from(sent.iter().all(|sent| sent.token == "T")), said),
            "authorization_sent_to" => said.as_object().into_iter().flatten().try_for_each(|(origin, expected)| {
                same(origin, &Json::from(sent.iter().any(|sent| sent.url.starts_with(origin.as_str()))), expected)
            }),
            "waits_ms" => items(said).iter().try_for_each(|wait| self.wait(wait)),
            "within_ms" => self.within(said),
            "ends_ms" => self.ends(said),
            "progress" => self.progress(said),
            "progress_calls" => same(name, &Json::from(self.status_events().count()), said),
            "events" => same(name, &self.events.iter().map(|event| event["told"]["type"].clone()).collect(), said),
            "token_calls" => same(name, &self.asked.iter().map(|(_, asked)| asked.clone()).collect(), said),
            "tokens_carried" => same(name, &sent.iter().map(|sent| Json::from(sent.token.clone())).collect(), said),
            "text_lacks" => self.text_lacks(said),
            "max_in_flight" => same(name, &Json::from(self.platform.most_in_flight.get()), said),
            "all" => same(name, &Json::from(if self.endings.len() == self.calls { "settled" } else { "open" }), said),
            _ => Err(format!("nobody knows what {name} is")),
        }
    }

    fn was_given(&self, token: &str) -> bool {
        self.said.get("tokens").as_array().map_or(token == "T", |given| given.contains(&token.into()))
    }

    fn each_ending(&self, check: impl Fn(&str, &Json) -> Result<(), String>) -> Result<(), String> {
        self.endings.iter().map(Ending::parts).try_for_each(|(ending, value)| check(ending, value))
    }

    fn error(&self, error: &Json, said: &Json) -> Result<(), String> {
        said.as_object().into_iter().flatten().try_for_each(|(name, expected)| match name.as_str() {
            "has" => items(expected)
                .iter()
                .filter_map(Json::as_str)
                .try_for_each(|member| same(&format!("error has {member}"), &error.get(member).is_some(), &true)),
            "mentions" => {
                let (message, part) = (error["message"].as_str().unwrap_or_default(), expected.as_str().unwrap_or("?"));
                if message.contains(part) { Ok(()) } else { Err(format!("error.message: {message:?} lacks {part:?}")) }
            }
            _ => holds(&format!("error.{name}"), &error[name], expected),
        })
    }
}

impl Run<'_> {
    fn request_counts(&self, said: &Json) -> Result<(), String> {
        let sent = self.platform.sent.borrow();
        let count = |is_counted: fn(&&Sent) -> bool| Json::from(sent.iter().filter(is_counted).count());
        said.as_object().into_iter().flatten().try_for_each(|(name, expected)| match name.as_str() {
            "POST" => same("POST", &count(|sent| sent.method == "POST"), expected),
            "GET" => same("GET", &count(|sent| sent.is_look()), expected),
            "lists" => Ok(()), // always checked
            _ => Err(format!("nobody counts {name}")),
        })
    }

    /// `["poll 2", least, most]`: the time between the answer before that look and the look.
    fn wait(&self, said: &Json) -> Result<(), String> {
        let which =
            said[0].as_str().and_then(|name| name.strip_prefix("poll ")?.parse::<usize>().ok()).ok_or("which poll?")?;
        let sent = self.platform.sent.borrow();
        let looks = sent.iter().enumerate().filter(|(_, sent)| sent.is_look());
        let (number, look) = looks.into_iter().nth(which - 1).ok_or(format!("there is no poll {which}"))?;
        let waited = look.at_ms - sent[..number].iter().filter_map(|sent| sent.answered_ms).fold(self.began, f64::max);
        let least = said[1].as_f64().ok_or("how long?")?;
        let most = said[2].as_f64().unwrap_or(least);
        // The clock of the runtime counts in whole milliseconds, and a wait in several timers is rounded up in each.
        let is_kept = waited >= least - 0.001 && waited <= most + 1.0 + most / 1e9;
        if is_kept { Ok(()) } else { Err(format!("the wait before poll {which}: {waited} ms, expected {least} to {most}")) }
    }

    /// The time from the abort, or else from the last answer, to the end.
    fn within(&self, said: &Json) -> Result<(), String> {
        let answered = self.platform.sent.borrow().iter().filter_map(|sent| sent.answered_ms).fold(self.began, f64::max);
        let cause = self.said.get("abort")["after_ms"].as_f64().map_or(answered, |after| self.began + after);
        let (took, most) = (self.ended - cause, said.as_f64().ok_or("within what?")?);
        if (0.0..=most + 1.0).contains(&took) { Ok(()) } else { Err(format!("ended after {took} ms, expected {most}")) }
    }

    /// The time from the first call to the end of the last.
    fn ends(&self, said: &Json) -> Result<(), String> {
        let took = self.ended - self.began;
        let (least, most) = said[0].as_f64().zip(said[1].as_f64()).ok_or("between what?")?;
        if (least..=most).contains(&took) { Ok(()) } else { Err(format!("ended after {took} ms, expected {said}")) }
    }

    fn status_events(&self) -> impl Iterator<Item = &Json> {
        self.events.iter().map(|event| &event["told"]).filter(|told| told["type"] == "status")
    }

    fn progress(&self, said: &Json) -> Result<(), String> {
        same("status events", &self.status_events().count(), &items(said).len())?;
        let pairs = self.status_events().zip(items(said));
        pairs.into_iter().try_for_each(|(event, expected)| holds("progress", &event["operation"], expected))
    }

    /// All that the caller gets to see.
    fn text_lacks(&self, said: &Json) -> Result<(), String> {
        let text = format!("{:?} {:?}", self.endings, self.events);
        let shown = items(said).iter().filter_map(Json::as_str).find(|part| text.contains(part));
        shown.map_or(Ok(()), |part| Err(format!("{part:?} is shown in {text}")))
    }
}

fn items(list: &Json) -> &[Json] {
    list.as_array().map_or(&[], Vec::as_slice)
}

fn urls<'a>(sent: impl Iterator<Item = &'a Sent>) -> Json {
    sent.map(|sent| sent.url.as_str()).collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, seen: &T, expected: &T) -> Result<(), String> {
    if seen == expected { Ok(()) } else { Err(format!("{what}: {seen:?}, expected {expected:?}")) }
}

/// Whether a value is the expected one; an object may have more members.
fn holds(what: &str, seen: &Json, expected: &Json) -> Result<(), String> {
    match (expected.as_object(), seen.as_f64().zip(expected.as_f64())) {
        (Some(members), _) => {
            members.iter().try_for_each(|(name, expected)| holds(&format!("{what}.{name}"), &seen[name], expected))
        }
        (_, Some((seen, expected))) => same(what, &seen, &expected),
        _ => same(what, seen, expected),
    }
}
