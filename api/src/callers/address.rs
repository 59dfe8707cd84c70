//! The network address of a caller, which counts as said by configured proxies only.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderName},
};
use ipnet::IpNet;

/// Where the request came from: the peer, or what trusted proxies say was before them.
pub fn address(req: &HttpRequest) -> IpAddr {
    let peer = req.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    seen_through(peer, req.headers(), &super::app(req).community.trusted_proxies)
}

fn seen_through(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(&ip.to_canonical()));
    if !is_trusted(&peer) {
        return peer;
    }
    let x = hops(headers, &HeaderName::from_static("x-forwarded-for"), read_address);
    let forwarded = hops(headers, &header::FORWARDED, forwarded_for);
    let client = |hops: Vec<Option<IpAddr>>| client(hops, is_trusted);
    match (client(x), client(forwarded)) {
        (Some(one), Some(other)) if one == other => one,
        // A proxy writes one of the two; the other one came from outside, and which cannot be told.
        (Some(_), Some(_)) | (None, None) => peer,
        (Some(one), None) | (None, Some(one)) => one,
    }
}

/// From the nearest hop outwards: the first that is no proxy of ours.
fn client(hops: Vec<Option<IpAddr>>, is_trusted: impl Fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let mut last = None;
    for hop in hops.into_iter().rev() {
        let hop = hop?;
        if !is_trusted(&hop) {
            return Some(hop);
        }
        last = Some(hop);
    }
    last
}

fn hops(
    headers: &HeaderMap,
    name: &HeaderName,
    read: impl Fn(&str) -> Option<IpAddr>,
) -> Vec<Option<IpAddr>> {
    let fields = headers.get_all(name).map(|field| field.to_str().unwrap_or_default());
    fields.flat_map(|field| field.split(',')).map(|hop| read(hop.trim())).collect()
}

/// The `for` of one element of `Forwarded` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let value = element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    })?;
    read_address(value.trim_matches('"'))
}

/// With or without a port, with or without brackets.
fn read_address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let ip = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    ip.ok().map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn seen(peer: &str, fields: &[(&'static str, &'static str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        seen_through(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn strangers_cannot_say_where_they_are() {
        assert_eq!(seen("203.0.113.7", &[("x-forwarded-for", "192.0.2.1")]), "203.0.113.7");
        assert_eq!(seen("203.0.113.7", &[("forwarded", "for=192.0.2.1")]), "203.0.113.7");
    }

    #[test]
    fn the_nearest_hop_that_is_no_proxy_of_ours_counts() {
        let through = |field| seen("10.0.0.1", &[("x-forwarded-for", field)]);
        assert_eq!(through("192.0.2.1"), "192.0.2.1");
        assert_eq!(through("198.51.100.9, 192.0.2.1, 10.0.0.2"), "192.0.2.1");
        assert_eq!(through("192.0.2.1:4711"), "192.0.2.1");
        assert_eq!(through("nonsense"), "10.0.0.1");
        assert_eq!(seen("fd00::1", &[("forwarded", "for=\"[2001:db8::7]:99\";proto=https")]), "2001:db8::7");
    }

    #[test]
    fn two_fields_that_disagree_count_for_nothing() {
        let fields = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=198.51.100.9")];
        assert_eq!(seen("10.0.0.1", &fields), "10.0.0.1");
    }
}
