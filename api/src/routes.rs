//! Every address of the service, on one page.

use actix_web::{
    HttpResponse,
    http::Method,
    middleware::{Compress, from_fn},
    web::{self, ServiceConfig},
};

use crate::{feed_doors, http, json, page_doors, problem::Problem, running};

macro_rules! routes {
    ($($path:literal { $($method:ident => $handler:path),+ $(,)? })+) => {
        /// Every method of every address but HEAD, which stands beside each GET, in the order in which they are tried.
        pub const ROUTES: &[(&str, &str)] = &[$($((stringify!($method), $path)),+),+];

        fn add(service: &mut ServiceConfig) {
            $({
                const METHODS: &[&str] = &[$(stringify!($method)),+];
                let mut resource = web::resource($path)$(.route(web::method(Method::$method).to($handler)))+;
                // GET answers HEAD as well (RFC 9110, section 9.1).
                $(if stringify!($method) == "GET" {
                    resource = resource.route(web::method(Method::HEAD).to($handler));
                })+
                let resource = resource
                    .default_service(web::to(|| async { Err::<HttpResponse, _>(Problem::Method(METHODS)) }));
                service.service(resource);
            })+
        }
    };
}

routes! {
    // The JSON surface.
    "/api/v1/me" { GET => json::access::me }
    "/api/v1/api-tokens" { GET => json::access::list, POST => json::access::create }
    "/api/v1/api-tokens/{id}" { DELETE => json::access::delete }
    "/api/v1/series" { GET => json::series::list, POST => json::series::create }
    "/api/v1/series/{id}" { GET => json::series::get, PATCH => json::series::change }
    "/api/v1/series/{id}/dates" { GET => json::series::dates }
    "/api/v1/series/{id}/splits" { POST => json::series::split }
    "/api/v1/events" { GET => json::events::list, POST => json::events::create }
    "/api/v1/events/{id}" { GET => json::events::get, PATCH => json::events::change, DELETE => json::events::delete }
    "/api/v1/events/{id}/publication" { PUT => json::events::publish }
    "/api/v1/events/{id}/cancellation" { PUT => json::events::cancel }
    "/api/v1/events/{id}/seats" { GET => json::answers::seats }
    "/api/v1/events/{id}/invitations" { GET => json::invitations::list, POST => json::invitations::invite, DELETE => json::invitations::withdraw }
    "/api/v1/events/{id}/waves" { GET => json::waves::get, PUT => json::waves::put, DELETE => json::waves::delete }
    "/api/v1/events/{id}/rsvps" { GET => json::answers::roster }
    "/api/v1/events/{id}/rsvps/{member_id}" { PUT => json::answers::answer_for }
    "/api/v1/rsvps/{token}" { GET => json::rsvps::get, PUT => json::rsvps::put }
    "/api/v1/members" { GET => json::members::list, POST => json::members::create }
    "/api/v1/members/{id}" { GET => json::members::get, PATCH => json::members::change, DELETE => json::members::erase }
    "/api/v1/members/{id}/links/{purpose}" { DELETE => json::links::revoke }
    "/api/v1/venues" { GET => json::venues::list, POST => json::venues::create }
    "/api/v1/venues/{id}" { GET => json::venues::get, PATCH => json::venues::change }
    "/api/v1/facts" { GET => json::facts::list }
    "/api/v1/outbox" { GET => json::outbox::list }
    "/api/v1/outbox/{id}/retry" { POST => json::outbox::retry }
    "/api/v1/inbound-mail" { GET => json::inbound::list, POST => json::inbound::receive }
    "/api/v1/inbound-mail/{id}/decision" { PUT => json::inbound::decide }

    // Feeds and calendar files, before the pages whose addresses they extend.
    "/calendar.ics" { GET => feed_doors::season }
    "/calendar/{format}.ics" { GET => feed_doors::format }
    "/calendar/m/{token}.ics" { GET => feed_doors::member }
    "/events/{slug}.ics" { GET => feed_doors::event }
    "/r/{token}.ics" { GET => feed_doors::invitation }
    "/feed.atom" { GET => feed_doors::announcements }

    // Pages.
    "/" { GET => page_doors::season }
    "/events/{slug}" { GET => page_doors::evening }
    "/r/{token}" { GET => page_doors::rsvp, POST => page_doors::answer }
    "/u/{token}" { GET => page_doors::preferences, POST => page_doors::unsubscribe::post }
    "/u/{token}/choices" { POST => page_doors::save }
    "/u/{token}/pause" { POST => page_doors::pause }
    "/u/{token}/feed" { POST => page_doors::renew_feed }
    "/link" { GET => page_doors::link, POST => page_doors::ask_link }
    "/assets/{name}" { GET => page_doors::asset }
    "/api/docs" { GET => running::docs }

    // Running it.
    "/healthz" { GET => running::health }
    "/readyz" { GET => running::ready }
    "/openapi.yaml" { GET => running::contract }
    "/robots.txt" { GET => running::robots }
}

/// All of it, with what stands around every answer. The server gives its `App` as data.
pub fn configure(service: &mut ServiceConfig) {
    let all = web::scope("")
        .app_data(http::forms())
        .configure(add)
        .default_service(web::to(|| async { Err::<HttpResponse, _>(Problem::NOT_FOUND) }))
        // The last one stands outermost.
        .wrap(from_fn(http::problems))
        .wrap(Compress::default())
        .wrap(from_fn(http::around));
    service.service(all);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ROUTES;
    use crate::docs::CONTRACT;

    /// Pages have their own checks; these are in the contract, and nothing else is.
    fn is_in_contract(method: &str, path: &str) -> bool {
        let run = ["/healthz", "/readyz", "/openapi.yaml"];
        path.starts_with("/api/v1/")
            || path.ends_with(".ics")
            || path.ends_with(".atom")
            || run.contains(&path)
            || (method, path) == ("POST", "/u/{token}")
    }

    #[test]
    fn routes_and_contract_are_the_same() {
        let contract: serde_json::Value = serde_norway::from_str(CONTRACT).unwrap();
        let mut documented = BTreeSet::new();
        for (path, methods) in contract["paths"].as_object().unwrap() {
            let methods = methods.as_object().unwrap().keys().filter(|key| *key != "parameters");
            documented.extend(methods.map(|method| (method.to_uppercase(), path.clone())));
        }
        // Beside each GET.
        documented.retain(|(method, _)| method != "HEAD");
        let routed = ROUTES.iter().filter(|(method, path)| is_in_contract(method, path));
        let routed: BTreeSet<_> =
            routed.map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
        assert_eq!(routed, documented);
    }

    #[test]
    fn no_address_stands_twice() {
        let all: BTreeSet<_> = ROUTES.iter().collect();
        assert_eq!(all.len(), ROUTES.len());
    }
}
