use mensuel_domain::lang::Lang;

use super::{CONTRACT, document, page};

#[test]
fn every_operation_and_every_schema_is_shown() {
    let document = document::read(CONTRACT);
    let shown = page(Lang::En);
    let operations: Vec<_> = document.groups.iter().flat_map(|group| &group.operations).collect();
    assert_eq!(operations.len(), CONTRACT.matches("operationId:").count());
    for operation in operations {
        assert!(shown.contains(&format!("id=\"op-{}\"", operation.id)), "{}", operation.id);
        assert!(!operation.curl.contains('{') || operation.curl.contains("-d '"), "{}", operation.curl);
    }
    for schema in document.schemas {
        assert!(shown.contains(&format!("id=\"schema-{}\"", schema.name)), "{}", schema.name);
        assert!(!schema.kind.is_empty(), "{} says what it is", schema.name);
    }
}

#[test]
fn every_link_inside_the_page_leads_somewhere() {
    let shown = page(Lang::Fr);
    for link in shown.split("href=\"#").skip(1) {
        let target = link.split('"').next().unwrap_or_default();
        assert!(shown.contains(&format!("id=\"{target}\"")), "#{target}");
    }
}

#[test]
fn a_strict_content_security_policy_has_nothing_to_forbid() {
    for lang in Lang::ALL {
        let shown = page(lang);
        assert!(shown.contains(&format!("<html lang=\"{}\">", lang.code())));
        for forbidden in ["<script", "<style", " style=", " onclick", "src=", "href=\"http", "javascript:"] {
            assert!(!shown.contains(forbidden), "{forbidden}");
        }
    }
}

#[test]
fn a_call_can_be_pasted_into_a_shell() {
    let document = document::read(CONTRACT);
    let operations = document.groups.into_iter().flat_map(|group| group.operations);
    let call = operations.into_iter().find(|o| o.id == "cancelEvent").map(|o| o.curl);
    let expected = "curl -X PUT \"$BASE/api/v1/events/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a01/cancellation\" \\\n  \
                    -H \"Authorization: Bearer $TOKEN\" \\\n  \
                    -H 'Content-Type: application/json' \\\n  \
                    -d '{\"reason\":\"La salle n'\\''est plus disponible.\"}'";
    assert_eq!(call.as_deref(), Some(expected));
}
