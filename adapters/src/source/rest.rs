//! A source of JSON over HTTP: one ask, one request, one judged page. Leaves what is asked to [`super::asking`], what a
//! good answer is to [`super::judging`], and when to ask to the pipeline.

use std::{collections::BTreeMap, sync::Arc};

use reqwest::{Request, Url, header::HeaderMap};

use super::{
    Ask, Page, RestConnect, Source, SourceConfig,
    asking::Asking,
    judging::{Judging, NoPage},
};
use crate::{
    clock::Clock,
    error::AdapterError,
    http::{
        Client,
        auth::{self, AuthConfig},
        connect::base_url,
        login::{Session, Ticket},
    },
    pace::{Hosts, Pace},
    reference::Environment,
};

/// A source of JSON over HTTP.
#[derive(Debug)]
pub struct RestSource {
    client: Client,
    base: Url,
    headers: HeaderMap,
    services: BTreeMap<String, (Asking, Judging)>,
    pace: Arc<Pace>,
    clock: Arc<dyn Clock>,
    login: Option<Session>,
}

impl RestSource {
    /// Builds the source, resolving its references; asks nobody anything.
    ///
    /// # Errors
    /// A configuration error.
    pub fn build(
        connect: &RestConnect,
        config: &SourceConfig,
        environment: &Environment,
        clock: Arc<dyn Clock>,
        hosts: &Hosts,
    ) -> Result<Self, AdapterError> {
        let base = base_url(&connect.base_url.resolve(environment)?)?;
        let mut headers = auth::plain_headers(&connect.headers, environment)?;
        headers.extend(connect.auth.headers(environment)?);
        let mut services = BTreeMap::new();
        for service in &config.services {
            let problems = service.request.problems();
            if !problems.is_empty() {
                return Err(AdapterError::config(format!("服务 {}：{}", service.name, problems.join("；"))));
            }
            let asking = Asking::new(&service.request, connect, config.zone)?;
            services
                .insert(service.name.clone(), (asking, Judging::new(&service.request, connect, config.zone)));
        }
        let login = match &connect.auth {
            AuthConfig::Login(login) => Some(Session::build(login, connect.success.as_ref(), environment)?),
            _ => None,
        };
        let pace = hosts.pace(&host_key(&base), connect.requests_per_s)?;
        Ok(Self { client: Client::build(connect.limits())?, base, headers, services, pace, clock, login })
    }
}

impl RestSource {
    /// The host a source asks and the requests a second it may make there.
    ///
    /// # Errors
    /// A configuration error.
    pub fn rate(connect: &RestConnect, environment: &Environment) -> Result<(String, f64), AdapterError> {
        let base = base_url(&connect.base_url.resolve(environment)?)?;
        Ok((host_key(&base), connect.requests_per_s))
    }

    /// Puts a login's token on the request, where there is a login.
    async fn ticket(&self, request: &mut Request) -> Result<Option<Ticket>, AdapterError> {
        let Some(login) = &self.login else { return Ok(None) };
        let now = self.clock.now();
        let ticket = login.ticket(&self.client, &self.pace, &self.base, &self.headers, now).await?;
        login.put(&ticket, request, now)?;
        Ok(Some(ticket))
    }

    /// What an answer to a request with a login's token means for the token.
    async fn after(
        &self,
        login: &Session,
        ticket: &Ticket,
        page: Result<Page, NoPage>,
    ) -> Result<Page, AdapterError> {
        match page {
            Err(NoPage { error, is_expired: true }) => {
                Err(login.refused(ticket, error, self.clock.now()).await)
            }
            Err(NoPage { error, .. }) => {
                if error.status.is_some_and(|status| (200..300).contains(&status)) {
                    login.accepted(ticket).await;
                }
                Err(error)
            }
            Ok(page) => {
                login.accepted(ticket).await;
                Ok(page)
            }
        }
    }
}

impl Source for RestSource {
    async fn fetch(&self, ask: &Ask) -> Result<Page, AdapterError> {
        let (asking, judging) = self
            .services
            .get(&ask.service)
            .ok_or_else(|| AdapterError::config(format!("这个来源没有名为 {} 的服务", ask.service)))?;
        let (mut request, asked) = asking.request(&self.base, ask)?;
        request.headers_mut().extend(self.headers.clone());
        let ticket = self.ticket(&mut request).await?;
        self.pace.check().map_err(AdapterError::paced)?;
        let page = match self.client.send(request).await {
            Ok(reply) => judging.page(ask, reply, &asked, self.clock.now()),
            Err(error) => Err(error.into()),
        };
        let page = match (&self.login, &ticket) {
            (Some(login), Some(ticket)) => self.after(login, ticket, page).await,
            _ => page.map_err(|no_page| no_page.error),
        };
        page.map_err(|mut error| {
            error.what = format!("{asked}：{}", error.what);
            error
        })
    }

    async fn landed(&self, _page: &Page) -> Result<(), AdapterError> {
        Ok(())
    }
}

/// `base` followed by `path`, each segment escaped as a path needs.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.trim_start_matches('/').split('/'));
    }
    url
}

fn host_key(base: &Url) -> String {
    format!("{}:{}", base.host_str().unwrap_or_default(), base.port_or_known_default().unwrap_or_default())
}

#[cfg(test)]
mod tests;
