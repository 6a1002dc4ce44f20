//! A destination of JSON by POST: one batch, one request, one answer as received. Leaves the form and wrapping to
//! [`super::envelope`], the meaning of answers to [`super::verdict`], and when to send to the pipeline.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::{
    Method, Request, Url,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue},
};

use super::{
    Answer, Batch, Destination, EncodeError, Encoder, Payload, Reader, Receipt, RestDestinationConnect,
    VerdictConfig, credential::Credential, envelope::Wrapping,
};
use crate::{
    clock::Clock,
    error::{AdapterError, Blame, Certainty, Retry, Sent},
    http::{Client, Reply, auth, connect::base_url, retry_after},
    pace::{Pace, Records},
    record::WireRecord,
    reference::Environment,
    source::below,
};

/// What `records_per_min` counts in.
const MINUTE: Duration = Duration::from_mins(1);

/// A destination of JSON by POST.
#[derive(Debug)]
pub struct RestDestination {
    client: Client,
    base: Url,
    headers: HeaderMap,
    credential: Credential,
    wrapping: Wrapping,
    reader: Reader,
    pace: Pace,
    records: Option<Records>,
    clock: Arc<dyn Clock>,
}

impl RestDestination {
    /// Builds the destination, resolving its references; asks nobody anything.
    ///
    /// # Errors
    /// A configuration error.
    pub fn build(
        connect: &RestDestinationConnect,
        verdicts: &[VerdictConfig],
        environment: &Environment,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AdapterError> {
        Ok(Self {
            client: Client::build(connect.limits())?,
            base: base_url(&connect.base_url.resolve(environment)?)?,
            headers: auth::plain_headers(&connect.headers, environment)?,
            credential: Credential::build(&connect.auth, environment)?,
            wrapping: Wrapping::build(connect.envelope.as_ref(), environment)?,
            reader: Reader::new(verdicts)?,
            pace: Pace::new(Arc::clone(&clock), connect.requests_per_s, None)?,
            records: connect.records_per_min.map(Records::new).transpose()?,
            clock,
        })
    }

    fn request(&self, batch: &Batch<'_>, body: Vec<u8>) -> Result<Request, AdapterError> {
        let mut request = Request::new(Method::POST, below(&self.base, batch.path));
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(self.headers.clone());
        headers.extend(self.credential.headers(batch.group)?);
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    fn answer(&self, reply: Reply, sent: &Sent) -> Answer {
        let now = self.clock.now();
        Answer {
            status: reply.status,
            retry_after: reply.retry_after().and_then(|text| retry_after(text, now)),
            headers: self.reader.asked_headers(|name| reply.header(name).map(str::to_owned)),
            body: reply.body,
            sent_digest: sent.digest.clone(),
            sent_with: sent.with.clone(),
        }
    }
}

impl Destination for RestDestination {
    fn encode(&self, records: &[WireRecord]) -> Result<Payload, EncodeError> {
        Encoder.encode(records)
    }

    async fn deliver(&self, batch: &Batch<'_>) -> Result<Answer, AdapterError> {
        let (body, sent) = self.wrapping.wrap(batch.payload);
        let request = self.request(batch, body)?;
        self.pace.check().map_err(AdapterError::paced)?;
        let sending = self.client.send(request).await;
        if let Some(records) = self.records {
            self.pace.rest(records.take(u64::try_from(batch.members.len()).unwrap_or(u64::MAX)));
        }
        match sending {
            Ok(reply) => ours_to_mend(&self.reader, self.answer(reply, &sent)),
            Err(error) => Err(error.with_sent(sent)),
        }
    }

    fn read(&self, batch: &Batch<'_>, answer: &Answer) -> Receipt {
        self.reader.read(batch, answer)
    }

    fn remember_sent(&self, last: DateTime<Utc>) {
        self.pace.remember(last);
        // nobody knows how many went then: not more than a minute's, since no batch is larger
        if self.records.is_some() {
            let age = (self.clock.now() - last).to_std().unwrap_or_default();
            self.pace.rest(MINUTE.saturating_sub(age));
        }
    }
}

/// An answer that a rule lays at our configuration's door (a refused credential) is an error, so that a person here is
/// told; nothing was taken.
fn ours_to_mend(reader: &Reader, answer: Answer) -> Result<Answer, AdapterError> {
    let Some(what) = reader.config_to_blame(&answer) else { return Ok(answer) };
    Err(AdapterError {
        what,
        blame: Blame::Config,
        retry: answer.retry_after.map_or(Retry::Later, Retry::After),
        certainty: Certainty::NotReceived,
        status: Some(answer.status),
        seen: answer.body,
        sent: Some(Box::new(Sent { digest: answer.sent_digest, with: answer.sent_with })),
    })
}
