//! TLS to the relay: the public authorities, and those of a file if the relay's address names one.

use std::{fs, io, sync::Arc};

use lettre::transport::smtp::client::{Certificate, TlsParameters};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use super::{
    relay_url::{Relay, RelayUrlError, Security},
    wire::Wire,
};

/// What a relay's security asks for.
pub(super) enum Tls {
    None,
    /// Within SMTP: lettre does the handshake.
    Start {
        host: String,
        authorities: Vec<u8>,
    },
    /// Before SMTP.
    Implicit {
        connector: TlsConnector,
        name: ServerName<'static>,
    },
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Tls::None => "None",
            Tls::Start { .. } => "Start",
            Tls::Implicit { .. } => "Implicit",
        })
    }
}

impl Tls {
    pub(super) fn for_relay(relay: &Relay) -> Result<Self, RelayUrlError> {
        let authorities = match &relay.authorities {
            Some(file) => fs::read(file).map_err(|error| RelayUrlError::Authorities(error.to_string()))?,
            None => Vec::new(),
        };
        match relay.security {
            Security::Plain => Ok(Tls::None),
            Security::StartTls => {
                let tls = Tls::Start { host: relay.host.clone(), authorities };
                tls.parameters().map_err(|error| RelayUrlError::Authorities(error.to_string()))?;
                Ok(tls)
            }
            Security::Tls => implicit(relay, &authorities),
        }
    }

    /// The stream for SMTP, within TLS when it comes before.
    pub(super) async fn implicit(&self, tcp: TcpStream) -> io::Result<Wire> {
        match self {
            Tls::None | Tls::Start { .. } => Ok(Wire::bare(tcp)),
            Tls::Implicit { connector, name } => connector.connect(name.clone(), tcp).await.map(Wire::tls),
        }
    }

    /// For STARTTLS.
    pub(super) fn parameters(&self) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let (host, authorities) = match self {
            Tls::Start { host, authorities } => (host.as_str(), authorities.as_slice()),
            Tls::None | Tls::Implicit { .. } => ("", [].as_slice()),
        };
        let mut parameters = TlsParameters::builder(host.to_owned());
        if !authorities.is_empty() {
            parameters = parameters.add_root_certificate(Certificate::from_pem(authorities)?);
        }
        parameters.build()
    }
}

/// TLS as a client: the public authorities, and those of a PEM file.
pub(super) fn client(authorities: &[u8]) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in CertificateDer::pem_slice_iter(authorities) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn implicit(relay: &Relay, authorities: &[u8]) -> Result<Tls, RelayUrlError> {
    let config = client(authorities).map_err(RelayUrlError::Authorities)?;
    let name = ServerName::try_from(relay.host.clone()).map_err(|_| RelayUrlError::HostName)?;
    Ok(Tls::Implicit { connector: TlsConnector::from(Arc::new(config)), name })
}
