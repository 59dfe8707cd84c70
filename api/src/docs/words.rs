//! The page's own words.

use mensuel_domain::lang::Lang;

use super::document::Caller;

/// What the page says around the contract, in one language.
pub(super) struct Words {
    pub heading: &'static str,
    pub lead: &'static str,
    pub other_language: &'static str,
    pub other_code: &'static str,
    pub raw: &'static str,
    pub contents: &'static str,
    pub schemas: &'static str,
    pub parameters: &'static str,
    pub body: &'static str,
    pub answers: &'static str,
    pub example: &'static str,
    pub required: &'static str,
    pub before: &'static str,
    pub top: &'static str,
    token: &'static str,
    token_or_anybody: &'static str,
    anybody: &'static str,
}

impl Words {
    pub(super) const fn of(lang: Lang) -> Self {
        match lang {
            Lang::Fr => FRENCH,
            Lang::En => ENGLISH,
        }
    }

    pub(super) fn caller(&self, caller: &Caller) -> &'static str {
        match caller {
            Caller::Token => self.token,
            Caller::TokenOrAnybody => self.token_or_anybody,
            Caller::Anybody => self.anybody,
        }
    }
}

const FRENCH: Words = Words {
    heading: "L'interface pour les programmes",
    lead: "Cette page montre tout ce que le service offre aux programmes : le JSON, les calendriers et les liens personnels. \
           Elle est tirée du contrat openapi.yaml, que chaque test vérifie ; le contrat lui-même est en anglais.",
    other_language: "In English",
    other_code: "en",
    raw: "Le contrat (openapi.yaml)",
    contents: "Sommaire",
    schemas: "Schémas",
    parameters: "Paramètres",
    body: "Corps de la requête",
    answers: "Réponses",
    example: "Exemple",
    required: "obligatoire",
    before: "Les exemples supposent deux variables : BASE, l’adresse du service, et TOKEN, un jeton d’API.",
    top: "Haut de la page",
    token: "jeton d’API",
    token_or_anybody: "sans jeton, ou avec un jeton d’API pour tout voir",
    anybody: "sans jeton",
};

const ENGLISH: Words = Words {
    heading: "The interface for programs",
    lead: "This page shows all that the service offers to programs: JSON, calendars and personal links. \
           It is made from the contract, openapi.yaml, which every test checks.",
    other_language: "En français",
    other_code: "fr",
    raw: "The contract (openapi.yaml)",
    contents: "Contents",
    schemas: "Schemas",
    parameters: "Parameters",
    body: "Request body",
    answers: "Answers",
    example: "Example",
    required: "required",
    before: "The examples expect two variables: BASE, the address of the service, and TOKEN, an API token.",
    top: "Top of the page",
    token: "API token",
    token_or_anybody: "no token, or an API token to see all",
    anybody: "no token",
};
