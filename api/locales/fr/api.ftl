# Mots des pages et des refus. Les mêmes messages sont dans en/api.ftl.

## Toutes les pages

skip = Aller au contenu
language-fr = Français
language-en = English
language-choice = Langue
to-season = Saison
to-calendar = Calendrier
to-link = Recevoir mes liens
to-api = API
footer = Liens de bas de page
demo = Démonstration : tout est inventé, aucun mail ne part.
demo-mailbox = Lire les mails
written-by = Servi par Mensuel

## Une soirée, partout

places-full = complet : liste d’attente
credit-moderator = animé par
credit-panellist = au panel
credit-facilitator = animé par
credit-speaker = avec
credit-scribe = notes prises par
to-announce = à annoncer
former-member = un ancien membre
members-only = réservé aux membres
place-none = lieu à annoncer
place-online = en ligne
address-later = L’adresse est donnée aux personnes inscrites.
online-later = Le lien pour suivre en ligne est donné aux personnes inscrites.
online-join = Rejoindre en ligne
access = Accès
context = Contexte
prerequisites = Prérequis
bring = À apporter
case = Le cas
subjects = Sujets
time-box = { $duration } par sujet
questions = Questions
tables = Tables
tables-of = { $tables ->
    [one] une table de { $seats }
   *[other] { $tables } tables de { $seats }
}
confidentiality = Confidentialité
cancelled-word = annulé
cancelled = Cette soirée n’aura pas lieu.
cancelled-reason = Motif : { $reason }
ended = Cette soirée a eu lieu.

## La saison

season = Saison { $years }
season-break = relâche
season-held = date retenue
season-past = { $n ->
    [one] Une soirée déjà passée
   *[other] { $n } soirées déjà passées
}
season-unknown = La suite n’est pas encore fixée.
season-empty = Aucune date n’est encore retenue pour cette saison.
season-empty-next = Abonnez-vous au calendrier : les dates y paraîtront d’elles-mêmes.
season-previous = Saison { $years }
season-next = Saison { $years }
season-others = Autres saisons
follow = Suivre la saison
follow-lead = Un calendrier qui se met à jour tout seul : nouvelles soirées, dates déplacées, annulations.
follow-webcal = Apple, Thunderbird
follow-google = Google Agenda
follow-https = Adresse à copier
follow-atom = Annonces (Atom)
follow-formats = Un seul format
member = Vous êtes membre ?
member-lead = Votre calendrier personnel et vos liens de réponse sont dans nos mails.
missing = Encore à faire
missing-lead = Le service tourne. Il lui manque :
missing-organizer = un premier organisateur, à ajouter avec
missing-name = le nom de la communauté, que portent ses mails ; redémarrer avec
missing-relay = un relais de courrier (d’ici là, chaque mail est un fichier dans le dossier de données) ; redémarrer avec
missing-base = l’adresse publique par laquelle commencent les liens des mails ; redémarrer avec

## La page d'une soirée

evening-answer = Répondre
evening-add = Ajouter à l’agenda
add-file = Fichier (.ics)
evening-opens = Les réponses ouvrent le { $when }.
evening-late = La date limite est passée ; un non ou un peut-être compte encore.
evening-full = Complet : un oui rejoint la liste d’attente.
evening-waiting = { $n ->
    [0] personne n’attend
    [one] une réponse en attente
   *[other] { $n } réponses en attente
}
evening-season = Toute la saison

## Répondre

rsvp-title = Répondre : { $title }
rsvp-for = Réponse pour { $name }
rsvp-not-you = Ce n’est pas vous ?
rsvp-not-you-next = Ce lien répond pour { $name } : fermez cette page et demandez le vôtre.
rsvp-not-you-link = Recevoir mes propres liens
rsvp-noted = C’est noté.
rsvp-refused = Votre réponse n’a pas été enregistrée.
rsvp-recorded = Réponse enregistrée : { $answer }.
rsvp-recorded-none = Aucune réponse n’est encore enregistrée.
answer-yes = oui
answer-yes-guests = oui, { $guests }
answer-maybe = peut-être
answer-no = non
rsvp-coming = Vous venez.
rsvp-coming-guests = Vous venez, { $guests }.
rsvp-seat = Votre place est retenue. Si vous ne pouvez plus venir, dites-le ici : elle ira à quelqu’un d’autre.
rsvp-programme = Nous comptons sur vous.
rsvp-waiting = Vous êtes { $place }.
rsvp-waiting-next = Dès qu’une place vous revient, nous vous écrivons.
rsvp-first-come = Une place qui se libère va maintenant à la première personne qui dit oui ici.
rsvp-free-now = Une place est libre : dites oui pour la prendre tout de suite.
rsvp-line-closed = Les places qui se libèrent ne sont plus attribuées pour cette soirée.
rsvp-offered = Une place est libre pour vous : dites oui jusqu’au { $until }.
rsvp-offered-next = Cette offre tient jusque-là. Un non en fait profiter aussitôt la personne suivante ; sans réponse, vous passez en fin de liste.
rsvp-offered-moved = La soirée a changé de date ou de lieu depuis votre réponse.
rsvp-pending = Votre oui attend l’accord des organisateurs.
rsvp-maybe = Vous viendrez peut-être.
rsvp-maybe-next = Cette réponse ne retient pas de place. Dites oui dès que vous savez.
rsvp-no = Vous ne venez pas.
rsvp-no-next = Si cela change, ce même lien reste valable.
rsvp-moved-seat = La soirée a changé de date ou de lieu : votre place est gardée.
rsvp-moved-line = La soirée a changé de date ou de lieu : votre rang sur la liste d’attente est gardé.
rsvp-moved = La soirée a changé de date ou de lieu : votre réponse est gardée.
rsvp-moved-ask = Dites-nous si elle tient toujours.
rsvp-full = La soirée est complète : un oui rejoint la liste d’attente.
rsvp-late = La date limite est passée.
rsvp-late-next = Un non, un peut-être ou moins d’invités comptent encore ; un nouveau oui, non.
rsvp-opens = Les réponses ouvrent le { $when }.
rsvp-opens-next = Revenez alors avec ce même lien.
rsvp-ended-answer = Votre réponse était : { $answer }.
rsvp-ended-none = Vous n’aviez pas répondu.
rsvp-cancelled-next = Vous n’avez rien à faire.
rsvp-ask = Votre réponse
rsvp-yes = Oui, je viens
rsvp-yes-still = Oui, je viens toujours
rsvp-yes-wait = Oui, sur la liste d’attente
rsvp-yes-waiting = Oui, j’attends une place
rsvp-yes-take = Oui, je prends la place
rsvp-yes-fewer = Je viens, avec moins d’invités
rsvp-maybe-button = Peut-être
rsvp-no-button = Non
rsvp-no-leave = Non, je la laisse
rsvp-no-more = Je ne viens plus
rsvp-current = (votre réponse actuelle)
rsvp-guests = Invités que vous amenez
rsvp-guests-hint = { $max ->
    [one] Un au plus. À indiquer avant d’appuyer sur oui.
   *[other] { $max } au plus. À indiquer avant d’appuyer sur oui.
}
rsvp-guest-names = Leurs noms, pour l’accueil (facultatif)
rsvp-guest-names-hint = Un nom par ligne.
rsvp-deadline = Jusqu’au { $when }.
rsvp-evening = La soirée
rsvp-links = Vos liens
rsvp-add = Cette soirée dans l’agenda
rsvp-own = Votre calendrier personnel et vos préférences se trouvent derrière le lien « Choisir les mails reçus » de vos mails.
rsvp-own-link = Recevoir mes liens par mail
rsvp-season = Toute la saison
rsvp-page = La page de la soirée

## Préférences

preferences = Vos mails et vos rappels
preferences-for = Préférences de { $name }
preferences-on = Vous recevez les invitations, les relances et les nouvelles.
preferences-some = Vous recevez les mails cochés ci-dessous.
preferences-off = Vous ne recevez plus d’invitations, de relances ni de nouvelles.
preferences-still = Dans tous les cas, si vous avez dit oui ou peut-être, ou attendez une place, nous vous écrivons quand la soirée change ou n’a pas lieu.
preferences-stopped = Plus aucun mail ne part vers votre adresse.
preferences-stopped-why = La raison : { $why }
preferences-stopped-next = Quand l’adresse fonctionne de nouveau, dites-le à un organisateur : il peut rétablir l’envoi.
preferences-paused = Vous êtes en pause.
preferences-paused-until = Vous êtes en pause jusqu’au { $day }.
preferences-paused-next = Vos places sont gardées ; aucune invitation ne part.
preferences-kinds = Les mails que vous recevez
preferences-invitations = Les invitations
preferences-nudges = Une relance par soirée, tant que vous n’avez dit ni oui ni non
preferences-news = Les nouvelles de la communauté
preferences-follows = Les soirées que vous suivez
preferences-all = Toute la saison
preferences-formats = Ces formats seulement :
preferences-reminders = Vos rappels
preferences-reminders-hint = Pour les soirées où vous venez, à l’heure à laquelle elles commencent. Rien de coché : aucun rappel.
preferences-days = { $n ->
    [one] la veille
    [7] une semaine avant
    [14] deux semaines avant
   *[other] { $n } jours avant
}
preferences-morning = le matin même
preferences-language = Votre langue
preferences-save = Enregistrer
preferences-pause = Faire une pause
preferences-pause-lead = Pendant une pause, vos places sont gardées et aucune invitation ne part.
preferences-until = Reprendre le (facultatif)
preferences-pause-button = Me mettre en pause
preferences-resume = Reprendre maintenant
preferences-wrong-day = Cette date n’a pas été prise
preferences-wrong-day-next = Choisissez un jour à venir, ou laissez le champ vide.
preferences-nothing = Ne plus rien recevoir
preferences-again = Recevoir de nouveau
preferences-stop = Ne plus recevoir d’invitations, de relances ni de nouvelles
preferences-start = Recevoir de nouveau les invitations, les relances et les nouvelles
preferences-feed = Votre calendrier personnel
preferences-feed-lead = Vos soirées et vos réponses, toujours à jour. Cette adresse est la vôtre : ne la partagez pas.
preferences-feed-https = Adresse à copier
preferences-feed-new = Voici votre nouvelle adresse. L’ancienne ne fonctionne plus : abonnez de nouveau vos agendas.
preferences-feed-lost = D’autres connaissent cette adresse ?
preferences-feed-lost-next = Faites-en une nouvelle : l’ancienne cesse aussitôt de fonctionner, et vos agendas devront être abonnés de nouveau. Vos autres liens restent les mêmes.
preferences-feed-renew = Faire une nouvelle adresse
preferences-not-you-next = Ces préférences sont celles de { $name } : fermez cette page et demandez les vôtres.

## Les annonces (Atom)

atom-subtitle = Les soirées annoncées, déplacées ou annulées : { $community }
atom-evening = { $day } : { $title }
atom-moved = Nouvelle date ou nouveau lieu, { $day } : { $title }

## Recevoir mes liens

link = Recevoir mes liens
link-lead = Indiquez l’adresse à laquelle nous vous écrivons. Vos liens de réponse, votre calendrier et vos préférences y seront envoyés.
link-event = Pour répondre, indiquez l’adresse à laquelle nous vous écrivons. Le lien de cette soirée y sera envoyé.
link-email = Adresse de courrier
link-send = Envoyer
link-wrong = Cette adresse n’a pas pu être lue
link-asked = Regardez votre courrier
link-asked-lead = Si cette adresse est celle d’un membre, un mail vient de partir.
link-asked-next = Rien dans cinq minutes ? Regardez dans les indésirables, essayez une autre de vos adresses, ou parlez-en à un organisateur.
link-again = Essayer une autre adresse

## Messages

message-season = Voir la saison
message-link = Recevoir mes liens
message-again = Recommencer
message-page = Cette page n’existe pas
message-page-what = L’adresse est peut-être incomplète, ou la soirée n’est visible que par les membres.
message-page-next = Partez de la saison, ou du lien de votre mail.
message-link-unknown = Ce lien n’est pas reconnu
message-link-unknown-what = Il a peut-être été coupé en deux par le logiciel de courrier.
message-link-unknown-next = Copiez le lien entier du mail, ou demandez-en un nouveau.
message-link-revoked = Ce lien ne sert plus
message-link-revoked-what = Il a été remplacé ou retiré.
message-link-revoked-next = Demandez-en un nouveau.
message-conflict = Votre demande n’a pas été enregistrée
message-conflict-next = Rien n’a changé. Reprenez la page et recommencez.
message-bad = La demande n’a pas pu être lue
message-bad-what = Il y manque quelque chose, ou un champ n’a pas la forme attendue.
message-bad-next = Rien n’a changé. Revenez à la page précédente et recommencez.
message-large = La demande est trop grande
message-large-what = Elle dépasse ce que cette page accepte.
message-large-next = Rien n’a changé. Raccourcissez le texte et recommencez.
message-method = Cette adresse ne s’utilise pas ainsi
message-method-what = La page existe, mais ne prend pas cette sorte de demande.
message-method-next = Ouvrez-la depuis la saison ou depuis votre mail.
message-sign-in = Il faut vous identifier
message-sign-in-what = Cette page est réservée aux organisateurs.
message-sign-in-next = Revenez avec votre lien d’organisateur.
message-forbidden = Cette page ne vous est pas ouverte
message-forbidden-what = Vos droits ne suffisent pas pour cette demande.
message-forbidden-next = Demandez à un organisateur.
message-often = Trop de demandes d’un coup
message-often-what = Pour protéger les boîtes de courrier, ces demandes sont limitées.
message-often-next = { $wait } et recommencez.
message-wait-seconds = { $n ->
    [one] Attendez une seconde
   *[other] Attendez { $n } secondes
}
message-wait-minutes = { $n ->
    [one] Attendez une minute
   *[other] Attendez { $n } minutes
}
message-wait-hours = { $n ->
    [one] Attendez une heure
   *[other] Attendez { $n } heures
}
message-broken = Quelque chose n’a pas marché chez nous
message-broken-what = L’erreur est notée. Votre demande n’a peut-être pas été enregistrée.
message-broken-next = Reprenez la page pour voir ce qui est enregistré, puis recommencez.
message-away = Le service est indisponible un moment
message-away-what = Rien n’a été perdu ; cette demande n’a pas été enregistrée.
message-away-next = Recommencez dans une minute.

## Boîte de la démonstration

mailbox = Mails de la démonstration
mailbox-lead = Tous les mails que le service aurait envoyés, les plus récents d’abord.
mailbox-empty = Aucun mail pour l’instant.
mailbox-empty-next = Publiez une soirée ou répondez à une invitation : le mail paraîtra ici.
mailbox-to = à
mailbox-from = de
mailbox-subject = objet
mailbox-when = le
mailbox-html = Version mise en page
mailbox-text = Version texte
mailbox-calendar = Partie calendrier
mailbox-headers = En-têtes
mailbox-alone = Ouvrir seule
mailbox-all = Tous les mails

## Refus : ce qui s'est passé, et que faire

refused-not-open = Les réponses ouvrent le { $when }. Revenez alors avec le même lien.
refused-late = La date limite est passée. Un non, un peut-être ou moins d’invités comptent encore ; pour venir malgré tout, écrivez aux organisateurs.
refused-ended = Cette soirée a eu lieu : les réponses ne changent plus.
refused-cancelled = Cette soirée n’aura pas lieu : il n’y a plus rien à répondre.
refused-not-published = Cette soirée n’est pas encore publiée : attendez l’invitation.
refused-guests = { $max ->
    [0] Cette soirée se vit sans invités. Répondez pour vous seulement.
    [one] Un invité au plus pour cette soirée. Indiquez-en un, ou venez sans.
   *[other] { $max } invités au plus pour cette soirée. Indiquez un nombre plus petit.
}
refused-room = { $capacity ->
    [one] La salle n’a qu’une place. Venez sans invité.
   *[other] La salle n’a que { $capacity } places, vous compris. Indiquez moins d’invités.
}
refused-guests-left = { $left ->
    [0] Il ne reste pas de place pour des invités. Répondez sans invité.
    [one] Il ne reste de place que pour un invité. Indiquez-en un, ou venez sans.
   *[other] Il ne reste de place que pour { $left } invités. Indiquez un nombre plus petit.
}
refused-names = Il y a plus de noms que d’invités. Corrigez le nombre, ou retirez des noms.

edit-cancelled = Cette soirée est annulée et ne change plus. Faites-en une nouvelle.
edit-past = La nouvelle date est passée. Choisissez une date à venir.
edit-over = Cette soirée a eu lieu : sa date, son lieu et ses places ne changent plus.
edit-stage = Une soirée publiée ou annulée ne revient pas en arrière. Annulez-la, ou faites-en une nouvelle.
edit-deadline = La date limite est après la fin de la soirée. Avancez-la.
edit-opens = Les réponses ouvriraient après la date limite. Avancez l’ouverture, ou reculez la limite.

stage-past = Cette soirée est passée. Donnez-lui une date à venir.
stage-cancelled = Cette soirée est annulée, pour de bon. Faites-en une nouvelle.
stage-closed = Il est trop tard pour dire oui à cette soirée : personne n’y est plus invité. Repoussez d’abord la date limite.
stage-not-published = Cette soirée n’est pas encore publiée, il n’y a personne à inviter ni à prévenir. Publiez-la d’abord, ou supprimez-la.

flaw-missing = { $field } : à remplir avant la publication.
flaw-not-of-format = { $field } : le format « { $format } » n’a pas ce champ. Videz-le, ou changez de format.
flaw-no-format = { $field } : choisissez d’abord un format.
flaw-twice = { $field } : la même personne figure deux fois au programme. Retirez-la une fois.
flaw-own-panel = { $field } : la personne qui anime est aussi au panel. Choisissez-en une autre.
flaw-nobody = { $field } : indiquez un membre, ou une personne par son nom.
flaw-seats = { $field } : { $seats } au plus, car c’est le nombre de chaises autour des tables. Réduisez-le, ou ajoutez des tables.
flaw-zero = { $field } : un au moins.
flaw-past = { $field } : c’est déjà passé. Repoussez cette date, ou effacez-la.

series-until = La fin de la série est avant son début. Choisissez une fin plus tardive.
series-duration = Une soirée dure entre une minute et un jour. Corrigez la durée.
series-far-move = La date choisie à la main pour { $month } est à plus d’un mois de là. Choisissez-en une plus proche.
plan-published = La soirée du { $date } est publiée, et ce changement la supprimerait. Annulez-la d’abord, ou laissez son mois dans la série.
plan-published-titled = La soirée du { $date } (« { $title } ») est publiée, et ce changement la supprimerait. Annulez-la d’abord, ou laissez son mois dans la série.
kept-by-hand = gardée : sa date a été placée à la main
kept-published = gardée : elle est publiée ; pour la changer aussi, demandez-le (include_published)
kept-past = gardée : la nouvelle date serait passée
warning-holiday = jour férié : { $name }
warning-gap = l’heure n’existe pas ce jour-là (passage à l’heure d’été) : aucune date n’est retenue
warning-default = { $field } : la valeur de la série ne convient pas au format et n’est pas reprise

text-empty = Ce champ est vide. Remplissez-le.
text-long = Ce texte dépasse { $max } caractères. Raccourcissez-le.
text-control = Ce texte contient un caractère invisible qui n’est pas accepté. Retapez-le.
text-email = Ce n’est pas une adresse de courrier. Elle s’écrit comme zoe@exemple.fr.
text-web = Ce n’est pas une adresse web. Elle commence par https:// ou http://.
span-gap = Le { $date } à { $hour } n’existe pas dans ce fuseau : les horloges avancent à ce moment-là. Choisissez une autre heure.
span-ends = La fin doit venir après le début. Corrigez l’une des deux.
span-long = Une soirée dure un jour au plus. Corrigez la fin.
month-wrong = Ce n’est pas un mois. Il s’écrit comme 2027-05.

field-stage = Étape
field-format = Format
field-title = Titre
field-summary = Résumé
field-language = Langue
field-starts-at = Début
field-ends-at = Fin
field-venue-id = Lieu ou lien en ligne
field-online-url = Lien en ligne
field-capacity = Nombre de places
field-max-guests = Invités par membre
field-opens-at = Ouverture des réponses
field-deadline = Date limite de réponse
field-members-only = Réservé aux membres
field-address-for = Qui voit l’adresse
field-moderator = Animation de la table ronde
field-panel = Panel
field-facilitator = Animation de l’atelier
field-speakers = Intervenants
field-scribe = Prise de notes
field-context = Contexte
field-confidentiality = Confidentialité
field-prerequisites = Prérequis
field-bring = À apporter
field-case = Le cas
field-subjects = Sujets
field-time-box-minutes = Minutes par sujet
field-questions = Questions
field-tables = Nombre de tables
field-seats-per-table = Chaises par table

## Problèmes de la surface JSON

problem-malformed = Illisible
problem-malformed-detail = Le corps n’est pas du JSON (ligne { $line }, colonne { $column }). Corrigez-le et renvoyez-le.
problem-unauthorized = Non identifié
problem-no-credentials = Il faut un jeton d’API dans « Authorization: Bearer ». Créez-en un avec « mensuel token add ».
problem-bad-credentials = Ce jeton n’ouvre rien : modifié, révoqué, ou son organisateur ne l’est plus. Créez-en un avec « mensuel token add ».
problem-forbidden = Non autorisé
problem-scope = Il faut la portée « { $needs } » ; ce jeton a « { $has } ».
problem-not-found = Introuvable
problem-not-found-detail = Il n’y a rien à cette adresse, ou rien que vous puissiez voir. Vérifiez-la.
problem-link-unknown = Ce lien est inconnu ou incomplet. Reprenez-le entier dans le mail, ou demandez-le à nouveau.
problem-method = Méthode inconnue ici
problem-method-detail = Cette adresse prend { $allow }.
problem-conflict = Impossible en l’état
problem-key-in-use = La même demande est en cours avec cette Idempotency-Key. Recommencez dans un instant.
problem-email-taken = Cette adresse est celle d’un autre membre. Donnez-en une autre, ou modifiez ce membre.
problem-venue-taken = Un lieu de ce nom et de cette adresse existe déjà. Servez-vous de celui-là.
problem-already-published = Une soirée publiée ne se supprime pas. Annulez-la : PUT …/cancellation.
problem-not-a-member = Cette personne n’est plus membre. Réactivez-la d’abord.
problem-followers-asked = Tous les abonnés de cette soirée ont déjà été invités : il ne reste aucune vague à planifier.
problem-not-retriable = Seul un mail en échec ou expiré peut repartir.
problem-not-held = Ce mail n’attend pas de décision, ou ne peut pas être pris comme réponse.
problem-answered-since = Cette personne a répondu depuis : c’est cette réponse qui compte. Écartez ce mail.
problem-last-organizer = C’est le dernier organisateur. Donnez d’abord ce rôle à un autre membre.
problem-differs = Cette soirée publiée diffère de ce qui est demandé : elle n’a pas été modifiée. Modifiez-la elle-même.
problem-revoked = Plus valable
problem-revoked-detail = Ce lien n’est plus valable. Demandez-en un nouveau.
problem-stale = Modifié entre-temps
problem-stale-detail = Ceci a été modifié depuis que vous l’avez lu. Relisez-le et refaites la modification.
problem-too-large = Trop grand
problem-too-large-detail = Le corps dépasse 1 Mo. Raccourcissez-le.
problem-media-type = Mauvais type de corps
problem-media-type-detail = Envoyez le corps en { $media }.
problem-invalid = Non valable
problem-invalid-detail = La demande n’a pas été prise ; rien n’a changé. Corrigez ce qui est listé.
problem-if-match = If-Match est nécessaire
problem-if-match-detail = Envoyez dans If-Match l’ETag que vous avez lu, pour que la modification de personne ne se perde.
problem-too-many = Trop de demandes
problem-too-many-detail = Recommencez dans { $seconds ->
    [one] une seconde
   *[other] { $seconds } secondes
}.
problem-not-ready = Pas prêt
problem-database-unknown = La base de données ne répond pas. Si vous avez demandé un changement, regardez dans une minute s’il est fait avant de recommencer.
problem-database-away = La base de données ne répond pas. Rien n’a été enregistré ; recommencez dans une minute.
problem-schema = Le schéma de la base n’est pas celui de ce programme. Lancez « mensuel migrate ».
problem-internal = Erreur de notre côté
problem-internal-detail = Quelque chose n’a pas marché de notre côté, et c’est noté. Relisez ce qui est enregistré avant de recommencer.

wrong-unknown-field = Ce champ n’existe pas ici. Retirez-le.
wrong-unknown-parameter = Ce paramètre n’existe pas ici. Retirez-le.
wrong-missing = Ce champ manque.
wrong-null = Ce champ ne peut pas être null. Donnez une valeur, ou omettez-le.
wrong-twice = Donné deux fois. Donnez-le une fois.
wrong-text = Il faut un texte.
wrong-boolean = Il faut true ou false.
wrong-list = Il faut une liste.
wrong-object = Il faut un objet.
wrong-number = Il faut un nombre entier de { $min } à { $max }.
wrong-too-many = { $max } éléments au plus.
wrong-too-few = Il en faut au moins un.
wrong-one-of = Il faut l’une de ces valeurs : { $values }.
wrong-date = Il faut un jour tel que 2027-01-14.
wrong-month = Il faut un mois tel que 2027-05.
wrong-month-or-date = Il faut un mois tel que 2027-05, ou un jour tel que 2027-05-20.
wrong-moment = Il faut une heure telle que 2027-01-14T19:00 (avec time_zone) ou 2027-01-14T19:00:00+01:00.
wrong-zone = Il faut un fuseau de l’IANA tel que Europe/Paris.
wrong-no-zone = Une heure locale demande aussi time_zone.
wrong-offset = À ce moment, { $zone } n’a pas ce décalage. Corrigez-le, ou donnez l’heure locale.
wrong-duration = Il faut une durée telle que PT2H30M, d’un jour au plus.
wrong-end-and-length = Donnez la fin ou la durée, pas les deux.
wrong-clock = Il faut une heure telle que 19:00.
wrong-id = Il faut un UUID.
wrong-cursor = Ce curseur n’est pas l’un des nôtres. Reprenez depuis la première page.
wrong-skip = Il faut un mois tel que 07 (chaque année) ou 2027-02.
wrong-person = Il faut un membre (member_id seul), ou une personne (name, et email si vous l’avez).
wrong-follows = Il faut une liste de formats, ou all tout seul.
wrong-key = Il faut de 1 à 200 caractères ASCII visibles.
wrong-key-reused = Cette clé a déjà servi à une autre demande. Prenez-en une nouvelle.
wrong-key-refused = Pas d’Idempotency-Key ici : une réponse gardée ne tient pas de secret.
wrong-no-member = Ce membre n’existe pas, ou n’est plus membre.
wrong-no-venue = Ce lieu n’existe pas.
wrong-no-series = Cette série n’existe pas.
wrong-venue-twice = Donnez le lieu par venue_id, ou par son nom et son adresse, pas les deux.
wrong-address-alone = Donnez aussi le nom du lieu (venue).
wrong-span-of-days = Le dernier jour vient avant le premier.
wrong-ten-years = Dix ans au plus après from.
wrong-wave-dates = Il faut deux dates à venir, l’une après l’autre, avant la date limite : celles de la deuxième et de la troisième vague.
wrong-wave-dates-twice = Donnez soit `every_hours`, soit `next`, pas les deux.
wrong-plan-alone = Un plan va avec `"invite": "plan"`.
wrong-undo-alone = Il n’y a rien à annuler quand personne n’est invité.
wrong-only-null = On ne peut y écrire que null : le courrier y repart.
wrong-split = La série n’a rien à partager à ce mois. Choisissez un mois entre son début et sa fin.
wrong-not-organizer = Un jeton appartient à un organisateur, et vous ne l’êtes plus.
wrong-one-address = Donnez email, ou emails, pas les deux.
wrong-primary = Une seule adresse peut être la principale.
wrong-primary-unverified = Le courrier va à l’adresse principale : elle doit être vérifiée.
wrong-same-address = Cette adresse est donnée deux fois.
wrong-one-scope = Donnez une portée : la plus large suffit, inbound va seule.

plan-hold = Le { $date } sera retenu.
plan-move = Du { $from } au { $date }.
plan-move-hours = Le { $date } change d’heures : { $hours }.
plan-drop = Le { $from } ne sera plus retenu.
plan-keep = Le { $date } reste tel quel ({ $because }).
plan-update = Le { $date } prend les valeurs de la série : { $fields }.
plan-notify = Les invités du { $date } seront prévenus.
plan-warning = { $date } : { $what }.

## La ligne de commande, la configuration, le démarrage

cli-wrong = Erreur : { $sentence }
cli-wrong-no-value = il manque une valeur à { $arg }.
cli-wrong-value = la valeur « { $value } » ne convient pas à { $arg }. Valeurs possibles : { $values }.
cli-wrong-value-because = la valeur « { $value } » de { $arg } { $why }.
cli-wrong-argument = l’argument { $arg } n’existe pas ici.
cli-wrong-command = la commande « { $name } » n’existe pas.
cli-wrong-missing = il manque { $arg }.
cli-wrong-twice = { $arg } ne se donne qu’une fois.
cli-wrong-number = le nombre de valeurs de { $arg } ne convient pas.
cli-wrong-utf8 = la ligne de commande n’est pas en UTF-8.
cli-wrong-language = n’est pas une langue d’ici : fr ou en
cli-wrong-other = la ligne de commande ne convient pas.
cli-wrong-similar = Vouliez-vous dire { $name } ?
cli-wrong-see-help = L’aide est donnée par --help.

config-mistakes = { $n ->
    [one] La configuration contient une erreur :
   *[other] La configuration contient { $n } erreurs :
}
config-mistake = { $setting } : { $wrong }.
config-in-file = « { $key } » dans { $file }
config-database = la base de données est `sqlite:` suivi d’un chemin, ou `postgres://utilisateur:mot-de-passe@serveur/nom`
config-database-file = SQLite garde ses données dans un fichier : écrivez `sqlite:` et un chemin
config-relay = le relais s’écrit `smtps://utilisateur:mot-de-passe@serveur`, `smtp+starttls://utilisateur:mot-de-passe@serveur`, ou `smtp://serveur` sans chiffrement
config-relay-password = un mot de passe ne part pas sans chiffrement : écrivez `smtps://` ou `smtp+starttls://`
config-bind = « { $text } » n’est pas une adresse IP avec un port, comme 127.0.0.1:8080 ou [::]:8080
config-base-url = les liens commencent par une adresse https:// ou http:// sans utilisateur, requête ni fragment, comme https://soirees.example
config-base-path = le chemin « { $path } » ne peut pas être servi : donnez à Mensuel un nom de machine à lui, comme https://soirees.example
config-email = « { $text } » { $why }
config-text = le texte { $why }
config-network = « { $text } » n’est pas un réseau comme 10.0.0.0/8 ou fd00::/8
config-zone = « { $text } » n’est pas un fuseau de la base IANA, comme Europe/Paris
config-language = « { $text } » n’est pas une des langues fr et en
config-log = « { $text } » n’est pas un filtre de journal, comme info, ou warn,mensuel=debug
config-log-format = « { $text } » n’est ni text ni json
config-switch = « { $text } » n’est ni on ni off
config-days = « { $text } » n’est pas un nombre entier de jours de { $least } à { $most }
config-hours = « { $text } » n’est pas un nombre entier d’heures de { $least } à { $most }
config-quiet-hours = « { $text } » n’est ni deux heures différentes comme 21:00-08:00, ni none
config-held-dates = « { $text } » n’est ni shown ni hidden
config-month = « { $text } » n’est pas le numéro d’un mois, de 1 à 12
config-mailbox = la boîte aux lettres s’écrit `imaps://utilisateur:mot-de-passe@serveur/DOSSIER`, ou `imap://` sur cette machine ; le dossier est INBOX s’il n’est pas nommé
config-mailbox-password = un mot de passe ne part pas sans chiffrement : écrivez `imaps://`
config-lmtp-abroad = qui atteint cette porte peut tout dire : elle n’écoute que sur cette machine, comme 127.0.0.1:2424
config-delimiter = il faut un signe parmi + - = _ . #, celui qui suit un nom dans les adresses du serveur de courrier
config-word = « { $text } » n’est pas un seul mot, comme mail.communaute.example
config-no-room-for-token = les mails reçus sont lus, alors l’adresse doit laisser la place d’un jeton : au plus 19 caractères avant le @
config-per-minute = « { $text } » n’est ni un nombre de 1 à 100000, ni unlimited
config-dkim-together = pour signer les mails, il faut un domaine, un sélecteur et une clé : donnez les trois, ou aucun
dkim-not-pem = la clé n’est pas une clé privée en PEM, comme l’écrit `openssl genpkey`
dkim-not-usable = la clé n’est ni RSA de 2048 à 4096 bits, ni Ed25519 ; faites-en une avec `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`
dkim-domain = le domaine n’est pas un nom de domaine, comme soirees.example
dkim-selector = le sélecteur n’est pas un nom fait de lettres, de chiffres et de traits d’union, comme mensuel2027
config-unreadable = le fichier ne peut pas être lu : { $why }
config-not-toml = le fichier n’est pas du TOML ({ $place })
config-secret-empty = le fichier { $path } est vide : écrivez-y le secret
config-secret-unreadable = le fichier { $path } ne peut pas être lu : { $why }
config-twice = ce réglage est aussi donné par { $other } : gardez l’un des deux
config-written-so = ce réglage s’écrit { $variable } comme variable et `{ $name } = …` dans le fichier
config-called-so = ce réglage n’existe pas ; il s’appelle { $variable } ({ $name } dans le fichier)
config-no-such = ce réglage n’existe pas ; il y a { $names }, et { $secrets }
config-demo-abroad = la démonstration n’écoute que sur cette machine, comme 127.0.0.1:8080
config-keys-for-postgres = PostgreSQL demande des clés communes à tous les processus : donnez à MENSUEL_KEYS ou MENSUEL_KEYS_FILE, par exemple, ce qu’écrit `echo "1:$(openssl rand -base64 32)"`
config-sender-for-relay = un relais est donné, alors les mails ont besoin d’une adresse d’où ils viennent et à laquelle on peut répondre : une adresse de la communauté qui reçoit du courrier
config-base-needed = il faut ici une adresse de base pour les liens, car le port 0 de MENSUEL_BIND ne dit rien de l’endroit où le service écoutera

flaw-empty = ne doit pas être vide
flaw-long = dépasse { $max } caractères
flaw-control = contient un caractère de contrôle
flaw-email = n’est pas une adresse électronique
flaw-web = n’est pas une adresse web qui commence par https:// ou http://
io-not-found = il n’existe pas
io-denied = l’accès est refusé
io-exists = il existe déjà
io-directory = c’est un dossier
io-no-directory = un dossier du chemin n’en est pas un
io-read-only = le disque est en lecture seule
io-full = le disque est plein
io-not-text = ce n’est pas du texte en UTF-8
io-address-in-use = un autre programme y écoute déjà
io-address-elsewhere = cette adresse n’est pas celle de cette machine
io-other = le système dit « { $said } »
keys-none = il n’y a pas de clé : donnez-en au moins une, sous la forme `numéro:32 octets en base64`, par exemple avec `echo "1:$(openssl rand -base64 32)"`
keys-no-colon = la clé { $number } de la liste n’a pas de deux-points : écrivez `numéro:32 octets en base64`
keys-id = le numéro de la clé { $number } de la liste doit être entre 1 et 255
keys-twice = le numéro { $id } y est deux fois : chaque clé a le sien
keys-not-base64 = la clé de numéro { $id } n’est pas en base64
keys-length = la clé de numéro { $id } a { $bytes } octets et doit en avoir 32 : faites-en une avec `openssl rand -base64 32`
keys-readable = { $path } peut être lu par d’autres que son propriétaire (mode { $mode }) : lancez `chmod 600 { $path }`, et donnez de nouvelles clés si quelqu’un a pu le lire
keys-in-file = le fichier de clés { $path } est inutilisable : { $why }
keys-file = le fichier de clés { $path } ne peut être ni lu ni créé : { $why }
relay-no-address = le relais n’est pas une adresse comme smtps://utilisateur:mot-de-passe@smtp.example.org
relay-scheme = l’adresse du relais commence par { $scheme }:// ; elle peut commencer par smtp://, smtp+starttls:// ou smtps://
relay-half-sign-in = l’adresse du relais a un utilisateur sans mot de passe, ou un mot de passe sans utilisateur
relay-not-utf8 = l’adresse du relais contient un utilisateur ou un mot de passe qui n’est pas en UTF-8 une fois décodé
relay-option = l’adresse du relais connaît les options plain=yes et ca=FICHIER, pas { $option }
relay-plain-abroad = smtp:// enverrait mails et mots de passe sans chiffrement vers une autre machine : prenez smtp+starttls:// ou smtps://, ou terminez l’adresse par `?plain=yes` si le réseau entre les deux est à vous
relay-authorities = le fichier de certificats du relais est inutilisable : { $why }
relay-host-name = le nom du serveur du relais ne peut pas figurer dans un certificat
send-refused = refus { $step } : { $reply }
send-unusable = échec { $step } : { $words }
send-timeout = pas de réponse à temps, { $step }
send-unreadable = pas de réponse lisible après l’envoi de tout le mail, qui est peut-être pris : { $words }
send-no-starttls = le relais n’offre pas STARTTLS, et rien n’est envoyé sans lui
send-eight-bit = le mail contient des octets de 8 bits, que le relais ne prend pas
send-unexpected = réponse inattendue { $code }
send-late = pas de réponse à temps
send-step-connect = à la connexion
send-step-hello = à l’accueil
send-step-starttls = à STARTTLS
send-step-sign-in = à l’identification
send-step-from = à l’adresse d’expédition
send-step-recipient = à l’adresse du destinataire
send-step-data = à DATA
send-step-content = à la remise du mail

mailbox-no-address = ce n’est pas l’adresse d’une boîte
mailbox-certificates = les certificats sont inutilisables : { $why }
mailbox-connection = elle ne répond pas : { $why }
mailbox-timeout = elle n’a pas répondu à temps
mailbox-sign-in = elle a refusé l’utilisateur ou le mot de passe
mailbox-refused = elle a dit « { $said } »

start-data-dir = Le dossier de données { $path } est inutilisable : { $why }.
start-locked = Un autre « mensuel serve » travaille dans { $path }. Arrêtez-le d’abord, ou choisissez un autre MENSUEL_DATA_DIR.
start-store = La base de données est inutilisable ({ $why }). Vérifiez MENSUEL_DATABASE_URL.
start-keys = Les clés de signature sont inutilisables : { $why }.
start-relay = Le relais de courrier est inutilisable : { $why }.
start-mailbox = La boîte aux lettres est inutilisable : { $why }.
start-schema-behind = Le schéma de la base est plus ancien que cette version. Lancez une fois « mensuel migrate », puis recommencez.
start-schema-of-another = Un « mensuel serve » d’une autre version travaille sur cette base. Arrêtez-le, ou prenez sa version.
start-schema-newer = La base a été changée par une version plus récente. Prenez cette version, ou restaurez une sauvegarde.
start-demo = La saison de la démonstration n’a pas pu être faite : { $why }.
start-listen = Impossible d’écouter sur { $address } : { $why }. Donnez à MENSUEL_BIND une autre adresse ou un autre port.

## Ce que dit « mensuel doctor »

doctor-ok = ok
doctor-warning = à voir
doctor-wrong = à réparer

doctor-configuration = Configuration : lue, sans erreur.
doctor-keys = Clés des liens : lisibles.
doctor-keys-none = Clés des liens : pas encore.
doctor-keys-none-next = « mensuel serve » les crée au premier démarrage ; sauvegardez-les avec la base.
doctor-keys-unreadable = Clés des liens : illisibles ({ $why }).
doctor-keys-unreadable-next = Remettez la sauvegarde du fichier « keys » ; sans elles, les liens déjà envoyés ne s’ouvrent plus.
doctor-disk = Disque : { $free } Mo libres pour { $folder }.
doctor-disk-tight-next = Faites de la place : sans elle, rien ne s’enregistre plus.
doctor-disk-read-only-next = Donnez à ce compte le droit d’y écrire.
doctor-disk-unreadable = Disque : { $folder } ne peut pas être lu.
doctor-disk-unreadable-next = Rendez ce dossier lisible et modifiable.
doctor-database = Base de données : elle répond, son schéma est à jour.
doctor-database-none = Base de données : pas encore.
doctor-database-none-next = « mensuel serve » la crée au premier démarrage.
doctor-database-away = Base de données : elle ne répond pas ({ $why }).
doctor-database-away-next = Vérifiez MENSUEL_DATABASE_URL et que le serveur tourne.
doctor-database-behind = Base de données : son schéma est ancien.
doctor-database-behind-next = Lancez « mensuel migrate ».
doctor-database-newer = Base de données : une version plus récente l’a modifiée.
doctor-database-newer-next = Installez cette version, ou remettez une sauvegarde.
doctor-paused = Envoi : suspendu. { $reason }
doctor-paused-next = Réglez ce que disent les lignes suivantes ; l’envoi reprend seul.
doctor-clock = Horloge : { $now } UTC.
doctor-clock-next = Réglez l’heure de cette machine, et activez NTP.
doctor-clock-ahead = Horloge : la base porte déjà une date à venir ({ $at } UTC).
doctor-clock-ahead-next = Cette machine ou une autre est mal réglée : activez NTP.
doctor-base = Adresse publique : { $url }
doctor-base-none = Adresse publique : absente, les liens mènent à cette machine seule.
doctor-base-next = Donnez à MENSUEL_BASE_URL l’adresse publique, en https://.

doctor-relay-none = Relais de courrier : aucun, chaque mail est un fichier du dossier de données.
doctor-relay-none-next = Donnez MENSUEL_SMTP_URL et MENSUEL_MAIL_FROM.
doctor-relay-unusable = Relais de courrier : { $why }.
doctor-relay-unusable-next = Corrigez MENSUEL_SMTP_URL.
doctor-relay-reached = Relais { $host }:{ $port } : joint.
doctor-relay-reached-tls = Relais { $host }:{ $port } : joint, son certificat est valable.
doctor-relay-hello = Relais : il répond à EHLO.
doctor-relay-starttls = Relais : STARTTLS offert, son certificat est valable.
doctor-relay-sign-in = Relais : identifiants acceptés.
doctor-relay-from = Relais : l’adresse d’expédition est acceptée.
doctor-relay-return = Relais : l’adresse de retour { $address } est acceptée.
doctor-relay-return-wrong = Relais : il prend l’adresse d’expédition, et refuse l’adresse de retour { $address } ({ $why }).
doctor-relay-return-wrong-next = Chaque mail part avec elle, aucun ne passerait : faites autoriser { $address } chez le relais, ou mettez MENSUEL_INBOUND_MAIL=off (le courrier reçu n’est alors plus lu).
doctor-relay-wrong = Relais : { $why }.
doctor-relay-wrong-certificate = Son certificat ne convient pas : vérifiez le nom « { $host } », ou ajoutez `?ca=FICHIER` pour une autorité à vous.
doctor-relay-wrong-connect = Vérifiez l’hôte et le port de MENSUEL_SMTP_URL, et que rien ne bloque ce port (beaucoup d’hébergeurs ferment le 25 : prenez 465 ou 587).
doctor-relay-wrong-hello = Ce n’est peut-être pas un serveur SMTP, ou il nous refuse : voyez avec son exploitant.
doctor-relay-wrong-starttls = Prenez smtps:// (port 465) si le relais l’offre ; sans chiffrement, rien n’est envoyé.
doctor-relay-wrong-sign-in = Vérifiez l’utilisateur et le mot de passe de MENSUEL_SMTP_URL (caractères spéciaux en %XX).
doctor-relay-wrong-from = Faites autoriser MENSUEL_MAIL_FROM chez le relais.
doctor-relay-wrong-later = Voyez avec l’exploitant du relais.
doctor-mail-taken = Mail d’essai : le relais l’a pris (« { $said } »).
doctor-mail-taken-next = Regardez s’il arrive, et pas dans les indésirables ; sa source dit si SPF, DKIM et DMARC passent (Authentication-Results).
doctor-mail-written = Mail d’essai : écrit dans { $path }.
doctor-mail-not-sent = Mail d’essai : pas parti ({ $why }).
doctor-mail-not-sent-next = Réglez d’abord les lignes du relais.
doctor-mail-fault = il n’a pas pu être écrit : { $why }
doctor-mail-subject = Essai : { $community }
doctor-mail-text =
    Ceci est un essai de { $community }, demandé par « mensuel doctor ».

    S’il vous est parvenu, le relais fonctionne.

doctor-not-asked = { $what } : impossible de demander ({ $why }).
doctor-by-hand = À voir à la main : { $command }
doctor-dns-late = délai dépassé
doctor-dns-failed = le résolveur dit « { $said } »
doctor-mx = MX : { $domain } reçoit du courrier ({ $hosts }).
doctor-mx-address = MX : { $domain } n’en a pas ; son courrier va à la machine de sa propre adresse ({ $addresses }).
doctor-mx-address-next = Si une autre le reçoit, publiez un MX ; sinon réponses et retours d’erreur se perdent.
doctor-mx-none = MX : { $domain } ne reçoit pas de courrier.
doctor-mx-none-next = Réponses et retours d’erreur se perdent : publiez un MX, ou prenez une adresse d’expédition qui en a un.
doctor-spf = SPF : « { $record } ». Le relais doit y être.
doctor-spf-none = SPF : { $domain } ne dit pas qui peut envoyer pour lui.
doctor-spf-none-next = Publiez en TXT ce que donne l’exploitant du relais, par exemple « v=spf1 include:spf.relais.example ~all ».
doctor-spf-open = SPF : « { $record } » laisse tout le monde envoyer.
doctor-spf-open-next = Finissez par ~all ou -all.
doctor-spf-nobody = SPF : « { $record } » n’autorise personne à envoyer.
doctor-spf-nobody-next = Ajoutez avant la fin ce que donne l’exploitant du relais, par exemple include:spf.relais.example.
doctor-spf-several = SPF : { $count } enregistrements, les récepteurs n’en croient alors aucun (RFC 7208).
doctor-spf-several-next = N’en gardez qu’un, qui dise tout.
doctor-dkim-none = DKIM : Mensuel ne signe pas.
doctor-dkim-none-next = C’est bien si le relais signe pour { $domain } ; sinon donnez MENSUEL_DKIM_DOMAIN, MENSUEL_DKIM_SELECTOR et MENSUEL_DKIM_KEY_FILE.
doctor-dkim-signs = DKIM : Mensuel signe pour { $domain }.
doctor-dkim-ours = DKIM : la clé publiée à { $name } est la nôtre.
doctor-dkim-other = DKIM : la clé publiée à { $name } n’est pas la nôtre.
doctor-dkim-missing = DKIM : rien n’est publié à { $name }, nos signatures ne valent rien.
doctor-dkim-unaligned-next = Mais { $signed } n’est pas le domaine de l’expéditeur ({ $domain }) : pour DMARC, cette signature ne compte pas.
doctor-dkim-publish =
    L’enregistrement à publier :
    { $record }
doctor-dmarc = DMARC : « { $record } ».
doctor-dmarc-several = DMARC : { $count } enregistrements, les récepteurs n’en suivent alors aucun (RFC 7489).
doctor-dmarc-several-next = N’en gardez qu’un.
doctor-dmarc-none = DMARC : { $domain } n’a pas de politique ; Gmail et Yahoo en demandent une.
doctor-dmarc-none-next = Publiez à _dmarc.{ $domain } : « v=DMARC1; p=none; rua=mailto:postmaster@{ $domain } ».
doctor-ptr = PTR : { $ip } s’appelle { $name }, et { $name } y mène.
doctor-ptr-none = PTR : { $ip } ne porte pas de nom qui y ramène.
doctor-ptr-none-next = Si ce serveur envoie lui-même vers les destinataires, demandez cet enregistrement à son hébergeur ; si un autre envoie pour lui, c’est le sien qui compte.
doctor-ptr-here = PTR : le relais est sur cette machine, son adresse publique n’est pas connue d’ici.
doctor-ptr-here-command = dig +short -x ADRESSE
doctor-ptr-no-host = PTR : le nom { $host } n’existe pas.
doctor-ptr-no-host-next = Corrigez l’hôte de MENSUEL_SMTP_URL.

## Entrées d'agenda et calendriers

entry-held = { $community } : date retenue
entry-members-only = { $community } : réservé aux membres
entry-cancelled = Annulé : { $title }
entry-waiting = Liste d’attente : { $title }
entry-waiting-why = La soirée est complète : votre oui est sur la liste d’attente.
entry-offered-why = Une place vous est proposée : votre lien dit jusqu’à quand la prendre.
entry-answer = Répondre ou changer ma réponse
entry-page = La page de la soirée
calendar-description = Les soirées de la communauté { $community } : dates, nouvelles dates et annulations.
calendar-format = { $community } : { $format }
calendar-member = { $community } : vos soirées
calendar-member-description = Vos soirées et vos réponses. L’adresse de ce calendrier est la vôtre : ne la partagez pas.

## Pourquoi un mail n'est pas parti

mail-no-address = Cette adresse n’existe pas, dit le relais de courrier : plus rien n’y est envoyé. ({ $reply })
mail-refused = Le relais de courrier a refusé ce mail : { $reply }
mail-later = Le relais de courrier ne l’a pas encore pris : { $reply }. Nouvel essai plus tard.
mail-ours = Le relais de courrier nous refuse, quelle que soit l’adresse : { $reply }. À régler dans la configuration ou chez le relais ; nouvel essai plus tard.
mail-connection = Le relais de courrier n’a pas pu être joint ({ $words }). Nouvel essai plus tard.
mail-timeout = Le relais de courrier n’a pas répondu à temps. Nouvel essai plus tard.
mail-uncertain = Peut-être déjà arrivé : le relais de courrier s’est tu après avoir reçu tout le mail.
mail-uncertain-twice = Envoyé deux fois sans réponse claire : il n’est pas envoyé une troisième fois.
mail-fault = Ce mail n’a pas pu être écrit : une erreur de notre côté. Nouvel essai plus tard.
mail-full = La boîte de cette adresse est pleine depuis plusieurs mails : plus rien n’y est envoyé. ({ $reply })
mail-expired = Abandonné après 48 heures d’essais.
mail-too-late = Abandonné : la soirée aurait commencé.
mail-complained = Signalé comme indésirable par son destinataire.
mail-unsubscribed = Désinscrit par mail par son destinataire.
