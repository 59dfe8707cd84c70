//! What the DNS says of mail: for the doctor, who asks and never waits for long.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::{Name, RData, RecordType},
};
use tokio::time::timeout;

/// For one question, all attempts and servers taken together.
const PATIENCE: Duration = Duration::from_secs(6);
const EACH: Duration = Duration::from_secs(2);

/// Somebody who is asked.
pub struct Dns {
    resolver: TokioResolver,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<T> {
    /// At least one.
    Is(Vec<T>),
    /// There is no such name or record.
    Nothing,
    /// Nobody answered: nothing is known.
    CouldNotAsk(NoAnswer),
}

/// Why nobody answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    Late,
    /// What the resolver said.
    Failed(String),
}

impl From<&NetError> for NoAnswer {
    fn from(error: &NetError) -> Self {
        match error {
            NetError::Timeout => NoAnswer::Late,
            other => NoAnswer::Failed(other.to_string()),
        }
    }
}

impl<T> Said<T> {
    fn of(found: Vec<T>) -> Self {
        if found.is_empty() { Said::Nothing } else { Said::Is(found) }
    }
}

impl Dns {
    /// As this machine is configured, or one server that is named.
    pub fn new(server: Option<SocketAddr>) -> Result<Self, NoAnswer> {
        let mut builder = match server {
            None => TokioResolver::builder_tokio().map_err(|error| NoAnswer::from(&error))?,
            Some(server) => {
                let at = |mut connection: ConnectionConfig| {
                    connection.port = server.port();
                    connection
                };
                let connections = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
                let servers = vec![NameServerConfig::new(server.ip(), true, connections)];
                let config = ResolverConfig::from_parts(None, Vec::new(), servers);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options = builder.options_mut();
        (options.timeout, options.attempts) = (EACH, 1);
        let resolver = builder.build().map_err(|error| NoAnswer::from(&error))?;
        Ok(Self { resolver })
    }

    /// TXT records, the strings of each put together.
    pub async fn texts(&self, name: &str) -> Said<String> {
        self.ask(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        })
        .await
    }

    /// Hosts that take mail for a domain, the preferred first; a single `.` takes none (RFC 7505).
    pub async fn mail_hosts(&self, domain: &str) -> Said<String> {
        let found = self.ask(domain, RecordType::MX, |data| match data {
            RData::MX(mx) => Some((mx.preference, mx.exchange.to_string())),
            _ => None,
        });
        match found.await {
            Said::Is(mut hosts) => {
                hosts.sort();
                Said::Is(hosts.into_iter().map(|(_, host)| host).collect())
            }
            Said::Nothing => Said::Nothing,
            Said::CouldNotAsk(why) => Said::CouldNotAsk(why),
        }
    }

    /// IPv4 and IPv6.
    pub async fn addresses(&self, host: &str) -> Said<IpAddr> {
        let four = self.ask(host, RecordType::A, |data| match data {
            RData::A(ip) => Some(IpAddr::V4(ip.0)),
            _ => None,
        });
        let six = self.ask(host, RecordType::AAAA, |data| match data {
            RData::AAAA(ip) => Some(IpAddr::V6(ip.0)),
            _ => None,
        });
        match tokio::join!(four, six) {
            (Said::Is(mut all), Said::Is(more)) => {
                all.extend(more);
                Said::Is(all)
            }
            (Said::Is(some), _) | (_, Said::Is(some)) => Said::Is(some),
            (Said::CouldNotAsk(why), _) | (_, Said::CouldNotAsk(why)) => Said::CouldNotAsk(why),
            (Said::Nothing, Said::Nothing) => Said::Nothing,
        }
    }

    /// The names that an address of the network goes by.
    pub async fn names(&self, ip: IpAddr) -> Said<String> {
        self.ask(&Name::from(ip).to_string(), RecordType::PTR, |data| match data {
            RData::PTR(name) => Some(name.0.to_string().trim_end_matches('.').to_owned()),
            _ => None,
        })
        .await
    }

    async fn ask<T>(&self, name: &str, kind: RecordType, read: impl Fn(&RData) -> Option<T>) -> Said<T> {
        // With the dot at its end no search list of this machine is put behind it.
        let name = format!("{}.", name.trim_end_matches('.'));
        match timeout(PATIENCE, self.resolver.lookup(name, kind)).await {
            Ok(Ok(found)) => Said::of(found.answers().iter().filter_map(|one| read(&one.data)).collect()),
            Ok(Err(error)) => failed(&error),
            Err(_) => Said::CouldNotAsk(NoAnswer::Late),
        }
    }
}

fn failed<T>(error: &NetError) -> Said<T> {
    if error.is_no_records_found() { Said::Nothing } else { Said::CouldNotAsk(error.into()) }
}
