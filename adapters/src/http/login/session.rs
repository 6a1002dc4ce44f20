//! When to log in: one login at a time, its token kept until it ends or is refused, and no storm of logins. A token that
//! was good and is refused is fetched anew at once; one refused before it was ever good, and a refused login, wait longer
//! each time: platforms lock accounts. One call makes at most one exchange. Leaves requests per second to [`crate::pace`].

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Request, Url, header::HeaderMap};
use secrecy::SecretString;
use tokio::sync::Mutex;

use super::{
    LoginConfig,
    exchange::{self, Given, NoToken},
    values::Values,
};
use crate::{
    error::{AdapterError, Blame, Certainty, Retry},
    http::{Client, auth, success::SuccessRule},
    pace::Pace,
    reference::Environment,
};

/// Waits after the first, second, … refusal in a row; the last repeats.
const WAITS: [Duration; 4] =
    [Duration::from_mins(1), Duration::from_mins(5), Duration::from_mins(30), Duration::from_hours(2)];

/// A token is replaced this long before its end, or a tenth of its life where that is shorter.
const MARGIN_S: i64 = 30;

/// A login with what it knows.
#[derive(Debug)]
pub(crate) struct Session {
    config: LoginConfig,
    success: Option<SuccessRule>,
    values: Values,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    logins: u64,
    refusals: usize,
    /// Until then nobody logs in, and why.
    barred: Option<(DateTime<Utc>, String)>,
}

#[derive(Debug)]
struct Token {
    text: SecretString,
    /// Which login gave it.
    login: u64,
    /// From here on it is replaced before it is used again.
    stale: Option<DateTime<Utc>>,
    /// Whether a request with it was answered.
    is_proven: bool,
}

/// The credential of one request.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    text: SecretString,
    login: u64,
}

impl Session {
    /// Resolves the references; asks nobody anything. `success` is the connection's own rule.
    ///
    /// # Errors
    /// A configuration error.
    pub(crate) fn build(
        config: &LoginConfig,
        success: Option<&SuccessRule>,
        environment: &Environment,
    ) -> Result<Self, AdapterError> {
        if let Some(problem) = config.problems().into_iter().find(|problem| problem.is_fatal) {
            return Err(AdapterError::config(problem.message));
        }
        Ok(Self {
            values: Values::resolve(&config.values, environment)?,
            success: config.success.as_ref().or(success).cloned(),
            config: config.clone(),
            state: Mutex::default(),
        })
    }

    /// A token that may be used now. Where there is none, one is fetched and [`Retry::Paced`] says to come again at once:
    /// one call, one exchange.
    ///
    /// # Errors
    /// That one was fetched; or why there is none.
    pub(crate) async fn ticket(
        &self,
        client: &Client,
        pace: &Pace,
        base: &Url,
        headers: &HeaderMap,
        now: DateTime<Utc>,
    ) -> Result<Ticket, AdapterError> {
        // held while the login is under way: whoever else needs a token waits for this one
        let mut state = self.state.lock().await;
        if let Some(token) = state.token.as_ref().filter(|token| token.is_usable(now)) {
            return Ok(Ticket { text: token.text.clone(), login: token.login });
        }
        state.check(now)?;
        pace.check().map_err(AdapterError::paced)?;
        let mut request = exchange::request(&self.config, base, &self.values.at(now, None));
        request.headers_mut().extend(headers.clone());
        let given = match client.send(request).await {
            Ok(reply) => exchange::token(&self.config, self.success.as_ref(), &reply, now),
            Err(error) => Err(NoToken::Failed(error.with_seen(None, Vec::new()))),
        };
        match given {
            Ok(given) => {
                state.take(given, now);
                Err(AdapterError::paced(Duration::ZERO))
            }
            Err(NoToken::Failed(error)) => Err(self.named(error)),
            Err(NoToken::Refused(error)) => Err(state.bar(self.named(error), now)),
        }
    }

    /// Puts the credential on a request.
    ///
    /// # Errors
    /// A configuration error when it cannot be a header.
    pub(crate) fn put(
        &self,
        ticket: &Ticket,
        request: &mut Request,
        now: DateTime<Utc>,
    ) -> Result<(), AdapterError> {
        let values = self.values.at(now, Some(&ticket.text));
        let put = &self.config.put;
        for (name, text) in &put.headers {
            let mut value = auth::header_value(&values.fill(text).unwrap_or_default())?;
            value.set_sensitive(true);
            request.headers_mut().insert(auth::header_name(name)?, value);
        }
        let query = put.query.iter().filter_map(|(name, text)| Some((name, values.fill(text)?)));
        for (name, value) in query {
            request.url_mut().query_pairs_mut().append_pair(name, &value);
        }
        Ok(())
    }

    /// A request with this token was answered.
    pub(crate) async fn accepted(&self, ticket: &Ticket) {
        let mut state = self.state.lock().await;
        if let Some(token) = state.token.as_mut().filter(|token| token.login == ticket.login) {
            token.is_proven = true;
            state.refusals = 0;
        }
    }

    /// A request with this token was refused: forgets it. What to tell the caller: to come again at once, where the token
    /// was good before; else `error`, with the wait.
    pub(crate) async fn refused(
        &self,
        ticket: &Ticket,
        error: AdapterError,
        now: DateTime<Utc>,
    ) -> AdapterError {
        let mut state = self.state.lock().await;
        let Some(token) = state.token.take_if(|token| token.login == ticket.login) else {
            return AdapterError::paced(Duration::ZERO);
        };
        if token.is_proven {
            return AdapterError::paced(Duration::ZERO);
        }
        let what = format!("刚登录得到的令牌就不被接受：{}", error.what);
        state.bar(AdapterError { what, blame: Blame::Config, ..error }, now)
    }

    fn named(&self, mut error: AdapterError) -> AdapterError {
        error.what = format!("登录 {} 不成：{}", self.config.path, error.what);
        error
    }
}

impl State {
    fn check(&self, now: DateTime<Utc>) -> Result<(), AdapterError> {
        let Some((until, why)) = self.barred.as_ref().filter(|(until, _)| *until > now) else {
            return Ok(());
        };
        let wait = (*until - now).to_std().unwrap_or_default();
        let what = format!("{} 秒内不再登录，以免账号被锁；上一次：{why}", wait.as_secs());
        let error = AdapterError::remote(what, Certainty::NotReceived);
        Err(AdapterError { blame: Blame::Config, ..error }.with_retry(Retry::After(wait)))
    }

    fn take(&mut self, given: Given, now: DateTime<Utc>) {
        self.logins += 1;
        self.barred = None;
        let stale = given.ends.map(|ends| {
            let margin = ((ends - now) / 10).min(chrono::TimeDelta::seconds(MARGIN_S));
            ends - margin.max(chrono::TimeDelta::zero())
        });
        self.token = Some(Token { text: given.text, login: self.logins, stale, is_proven: false });
    }

    /// Nobody logs in for a while: longer with each refusal in a row.
    fn bar(&mut self, error: AdapterError, now: DateTime<Utc>) -> AdapterError {
        let wait = WAITS.get(self.refusals.min(WAITS.len() - 1)).copied().unwrap_or_default();
        self.refusals += 1;
        self.barred = Some((now + wait, error.what.clone()));
        error.with_retry(Retry::After(wait))
    }
}

impl Token {
    /// A new one is used once, whatever its lifetime: else a platform that says nought would be logged in to for ever.
    fn is_usable(&self, now: DateTime<Utc>) -> bool {
        !self.is_proven || self.stale.is_none_or(|stale| now < stale)
    }
}
