# Mots du service : dates et nombres dits, puis les mails. Les mêmes messages sont dans en/infra.ftl.

## Dire

list-two = { $first } et { $last }
hours = { $start } à { $end }
hours-from-to = de { $start } à { $end }
hours-next-day = { $start } à { $end } ({ $weekday })
span = { $day }, { $hours }
minutes = { $n ->
    [one] une minute
   *[other] { $n } minutes
}
days-left = { $n ->
    [0] aujourd’hui
    [1] demain
    [7] dans une semaine
   *[other] dans { $n } jours
}
seats = { $n ->
    [0] aucune place
    [1] une place
   *[other] { $n } places
}
seats-left = { $n ->
    [0] complet
    [1] une place libre
   *[other] { $n } places libres
}
guests = { $n ->
    [0] sans invité
    [1] un invité
   *[other] { $n } invités
}
with-guests = { $n ->
    [1] avec un invité
   *[other] avec { $n } invités
}
people = { $n ->
    [0] personne
    [1] une personne
   *[other] { $n } personnes
}
registered = { $n ->
    [0] aucun inscrit
    [1] un inscrit
   *[other] { $n } inscrits
}
place-in-line = { $n ->
    [1] en tête de la liste d’attente
   *[other] { $ordinal } sur la liste d’attente
}
waitlist-rule = Les places qui se libèrent vont dans l’ordre de la liste : d’abord à qui n’a pas eu de place la dernière fois, puis dans l’ordre des réponses, et en dernier à qui n’est pas venu deux fois sans prévenir à temps ; une réponse qui ne tient pas encore dans les places libres, invités compris, garde son rang.
first-come = À partir de maintenant, une place libre va à la première personne qui dit oui : le lien de ce mail la prend.
line-closed = Les places qui se libèrent ne sont plus attribuées pour cette soirée.

format-round-table = table ronde
format-workshop = atelier
format-retex = retour d’expérience
format-retex-short = retex
format-open-discussion = discussion libre

role-moderator = modération
role-panellist = panel
role-facilitator = animation
role-speaker = intervention
role-scribe = prise de notes

confidentiality-chatham-house = règle de Chatham House
confidentiality-attendees-only = entre personnes présentes
confidentiality-public = peut être répété
confidentiality-chatham-house-rule = Règle de Chatham House : ce qui se dit peut être réutilisé, sans jamais dire par qui.
confidentiality-attendees-only-rule = Ce qui se dit ici reste ici.
confidentiality-public-rule = Ce qui se dit peut être répété.

## Mails : objets. Le même début de phrase pour tous les mails d'une soirée, derrière un mot ou deux.
## Avec des espaces ordinaires : une espace insécable ferait coder chaque mot.

subject = { $day } : { $title }
subject-seated = Place confirmée : { $stem }
subject-maybe = Réponse notée : { $stem }
subject-no = Réponse notée : { $stem }
subject-waitlisted = Liste d’attente : { $stem }
subject-promoted = Une place pour vous : { $stem }
subject-offered = Une place à prendre : { $stem }
subject-offer-expired = Place non prise à temps : { $stem }
subject-reminder = Rappel : { $stem }
subject-moved = Nouvelle date : { $stem }
subject-moved-place = Nouveau lieu : { $stem }
subject-cancelled = Annulé : { $stem }
subject-vacant = Rôle à pourvoir : { $stem }
subject-said-no = Absence au programme : { $stem }
subject-refused = Envoi des mails suspendu : { $community }
subject-links = Vos liens : { $community }

## Mails : ce qui est arrivé

greeting = Bonjour { $name },
invitation = La communauté { $community } vous invite à cette soirée.
your-role = { $role ->
    [moderator] Vous modérez cette soirée.
    [panellist] Vous êtes dans le panel de cette soirée.
    [facilitator] Vous animez cette soirée.
    [speaker] Vous intervenez lors de cette soirée.
   *[scribe] Vous prenez les notes de cette soirée.
}
programme-seat = Les personnes du programme ont leur place en plus des autres ; dites-nous si nous pouvons compter sur vous.
confirmed = C’est noté : vous venez.
confirmed-guests = C’est noté : vous venez, { $guests }.
confirmed-free-seat = Si vous ne pouvez plus venir, dites-le : votre place ira à quelqu’un d’autre.
noted-maybe = C’est noté : peut-être. Cette réponse ne retient pas de place ; dites oui dès que vous savez.
noted-no = C’est noté : vous ne venez pas. Si cela change, le même lien reste valable.
waitlisted = La soirée est complète. Vous êtes { $place }.
waitlisted-next = Rien d’autre à faire : dès qu’une place vous revient, nous vous écrivons.
waitlisted-calendar = Votre agenda a accepté l’invitation, mais il ne restait plus de place : l’entrée jointe le corrige.
promoted = Une place s’est libérée : elle est à vous.
promoted-guests = Des places se sont libérées : elles sont à vous, { $guests }.
offered = Une place est libre pour vous : dites oui jusqu’au { $until }.
offered-guests = Des places sont libres pour vous, { $guests } : dites oui jusqu’au { $until }.
offered-next = Cette offre tient jusque-là. Un non en fait profiter aussitôt la personne suivante ; sans réponse, vous passez en fin de liste.
offer-expired = La place qui vous était proposée n’a pas été prise à temps : elle n’est plus retenue pour vous. Vous êtes maintenant { $place }.
reminder = C’est { $when }.
reminder-seated = Votre place est retenue. Si vous ne venez plus, dites-le : quelqu’un d’autre l’attend peut-être.
reminder-programme = Nous comptons sur vous.
reminder-maybe = Vous avez répondu « peut-être » : le savez-vous maintenant ?
reminder-silent = Nous n’avons pas encore votre réponse.
moved-date = La date a changé.
moved-place = Le lieu a changé.
moved-both = La date et le lieu ont changé.
moved-seat-kept = Votre place est gardée.
moved-line-kept = Votre rang sur la liste d’attente est gardé.
moved-offer-kept = La place qui vous est proposée reste retenue : dites oui jusqu’au { $until }.
moved-programme = Vous restez au programme : pouvons-nous toujours compter sur vous ?
moved-answer-kept = Votre réponse est gardée ; elle peut changer.
before = Avant
cancelled = Cette soirée n’aura pas lieu.
cancelled-next = Vous n’avez rien à faire. Si elle est dans votre agenda, l’entrée jointe l’y marque annulée.
reason = Motif
vacant = Il n’y a plus personne au programme pour ce rôle : { $role }.
vacant-next = La soirée reste publiée et affiche « à annoncer ». Il reste à trouver quelqu’un, à déplacer la soirée ou à l’annuler.
said-no = { $name } a répondu non et figure au programme ({ $role }).
refused = Le { $day } à { $hour }, le relais de courrier s’est mis à refuser nos mails, quel que soit le destinataire.
refused-kept = Les adresses sont gardées. L’envoi a été suspendu, puis essayé de plus en plus rarement ; ce mail vous parvient parce qu’il passe à nouveau.
refused-next = À vérifier sur le serveur : « mensuel doctor --mail » suivi d’une adresse à vous dit ce qui manque (identifiants du relais, SPF, DKIM, DMARC).
said-no-next = Le programme n’a pas été changé. Il reste à trouver quelqu’un d’autre, à déplacer la soirée ou à l’annuler.
links-lead = Voici vos liens personnels pour les soirées à venir.
links-none = Aucune soirée à venir ne vous a encore été proposée ; vos autres liens sont ci-dessous.
links-feed = Votre calendrier personnel
links-feed-how = À ajouter une seule fois à votre agenda ; il se met à jour tout seul.
links-feed-https = Pour Google Agenda ou Outlook
links-feed-webcal = Pour Apple, Thunderbird et les autres

## Mails : la soirée

where-online = en ligne
where-later = L’adresse est donnée une fois votre venue confirmée.
where-none = lieu à annoncer
join-online = Rejoindre en ligne
label-access = Accès
label-confidentiality = Confidentialité
label-context = Contexte
label-prerequisites = Prérequis
label-bring = À apporter
label-case = Le cas
label-subjects = Sujets
label-questions = Questions
label-time-box = Temps par sujet
to-announce = à annoncer
former-member = une personne qui a quitté la communauté
see-evening = Voir la page de la soirée

## Mails : répondre

ask = Viendrez-vous ?
ask-moved = Venez-vous toujours ?
answer-yes = Oui, je viens
answer-maybe = Peut-être
answer-no = Non
answer-not-anymore = Je ne viens plus
answer-take = Oui, je prends la place
answer-leave = Non, je la laisse
answer-change = Changer ma réponse
answer-how = Le lien ouvre une page ; un appui y enregistre la réponse.
answer-open = Répondre ou changer ma réponse

stored = Réponse enregistrée : { $answer }.
stored-none = aucune pour l’instant
stored-yes = oui
stored-yes-guests = oui, { $guests }
stored-waiting = oui, { $place }
stored-offered = oui, une place vous est proposée jusqu’au { $until }
stored-maybe = peut-être
stored-no = non

## Mails : pied

why-member = Vous recevez ce mail comme membre de la communauté { $community }.
why-programme = Vous recevez ce mail parce que vous êtes au programme de cette soirée de la communauté { $community }.
why-organizer = Vous recevez ce mail parce que vous organisez les soirées de la communauté { $community }.
why-asked = Vous recevez ce mail parce que vos liens ont été demandés pour cette adresse. Si ce n’est pas par vous, vous pouvez l’ignorer : ils n’ont été envoyés qu’ici.
personal = Les liens de ce mail répondent en votre nom : mieux vaut ne pas le transférer.
preferences = Choisir les mails reçus, ou se désinscrire
lost-link = Lien perdu ? En recevoir un autre

## Mails : ce qui arrive

subject-not-taken = Réponse non enregistrée : { $stem }
subject-inbound-reply = Une réponse attend votre décision
subject-inbound-words = Message reçu : { $subject }
subject-inbound-refused = Un de nos mails a été refusé
subject-inbound-held = Un mail reçu attend votre lecture
not-taken = Votre agenda a répondu, mais nous n’avons pas pu l’enregistrer.
not-taken-next = L’entrée jointe remet votre agenda d’accord avec ce qui est enregistré.
inbound-words = Quelqu’un a écrit à l’adresse des soirées. Répondre à ce mail lui répond.
inbound-held = Rien n’a été changé.
inbound-decide = Le mail est gardé dans la liste du courrier reçu ; là, il peut être pris comme réponse ou mis de côté.
inbound-from = De
inbound-subject = Objet
inbound-evening = Soirée
inbound-about = Au sujet de
inbound-said = Ce qui est écrit
inbound-reason = { $reason ->
    [recorded] La réponse de l’agenda est enregistrée.
    [recorded_before_move] Réponse enregistrée, marquée « avant le changement » : elle a été donnée à l’ancienne date ou à l’ancien lieu.
    [waitlisted] Réponse enregistrée ; la soirée étant complète, elle est sur la liste d’attente et l’agenda est corrigé par un mail.
    [unsubscribed] Le destinataire ne reçoit plus d’invitations.
    [complained] Signalé comme indésirable : plus rien n’est envoyé à cette adresse.
    [address_stopped] L’adresse n’existe plus : plus rien n’y est envoyé.
    [soft_bounce] Impossible à remettre pour l’instant ; l’adresse est gardée. Une boîte pleine est comptée.
    [soft_bounces_stopped] Boîte pleine pour la troisième fois en trente jours : plus rien n’est envoyé à cette adresse.
    [mail_refused] Le serveur du destinataire refuse notre mail, quelle que soit l’adresse : à régler chez nous ou chez notre relais. L’adresse est gardée.
    [forwarded] Transmis aux organisateurs.
    [taken_by_organizer] Pris comme réponse par un organisateur.
    [unknown_uid] Aucune de nos invitations n’a cet identifiant.
    [other_attendee] La réponse est donnée pour quelqu’un d’autre que l’expéditeur et que la personne invitée.
    [older_than_reply] Une réponse plus récente de l’agenda est déjà enregistrée.
    [older_than_answer] Une réponse plus récente a été donnée ailleurs.
    [no_answer_in_reply] La réponse de l’agenda ne dit ni oui, ni non, ni peut-être.
    [too_late] Les réponses sont closes pour cette soirée : seuls les désistements comptent encore.
    [too_early] Les réponses ne sont pas encore ouvertes pour cette soirée.
    [evening_ended] La soirée est passée.
    [evening_cancelled] La soirée est annulée.
    [party_too_large] Il n’y a pas assez de places pour cette réponse, invités compris.
    [no_longer_invited] La personne invitée ne fait plus partie du groupe ou du programme.
    [unknown_token] L’adresse de retour n’est pas une des nôtres.
    [report_without_token] Un avis de non-remise sans preuve qu’il concerne un de nos mails.
    [no_failure] Un avis de retard ou de remise, pas un échec.
    [complaint_without_mail] Une plainte qui ne nomme aucun de nos mails.
    [no_complaint] Un retour qui n’est pas une plainte.
    [unknown_mail] Le mail concerné n’est plus connu, ou son destinataire n’est plus là.
    [automatic_reply] Une réponse automatique.
    [own_mail] Un de nos propres mails, revenu à nous.
    [dismissed] Mis de côté par un organisateur.
    [other_address] La réponse vient d’une adresse que nous ne connaissons pas à ce membre : peut-être lui, peut-être quelqu’un à qui l’invitation a été transférée.
    [counter] Une autre date est proposée.
    [delegated] L’invitation est déléguée à quelqu’un d’autre.
    [refresh] L’agenda redemande l’invitation.
    [calendar_request] Une invitation nous est adressée.
    [calendar_cancel] Une annulation qui ne vient pas de nous.
    [calendar_publish] Un événement publié par quelqu’un d’autre.
    [calendar_add] Un ajout à un événement.
    [decline_counter] Un refus de proposition.
    [calendar_without_method] Un fichier d’agenda qui ne dit pas ce qu’il veut.
    [several_events] Plusieurs événements ou plusieurs réponses dans un seul mail.
    [calendar_unreadable] Un fichier d’agenda illisible.
    [reply_without_event] Une réponse sans événement.
    [reply_without_uid] Une réponse sans identifiant d’événement.
    [reply_without_attendee] Une réponse qui ne dit pas de qui elle est.
    [reply_of_several] Une réponse au nom de plusieurs personnes.
    [mail_too_large] Un mail trop grand pour être lu ; son en-tête est gardé.
    [calendar_too_large] Un fichier d’agenda trop grand pour être lu.
    [parts_too_deep] Un mail aux parties trop emboîtées pour être lu.
   *[too_many_parts] Un mail de trop de parties pour être lu.
    [not_forwarded] Gardé ici sans être transmis : beaucoup de mails sont arrivés dans l’heure.
}
