# L’aide de la ligne de commande. Une clé par commande (`organizer-add`), `-more` pour ce que
# l’aide longue dit en plus ; par argument `commande--argument`, `-value` pour sa valeur.

heading-usage = Utilisation :
heading-commands = Commandes{"\u00A0"}
heading-arguments = Arguments{"\u00A0"}
heading-options = Options{"\u00A0"}
value-command = COMMANDE
any--help = Afficher l’aide (-h : en bref)
any--version = Afficher la version

mensuel = Les soirées mensuelles d’une communauté : dates, invitations, places, agendas
mensuel-more =
    Mensuel s’occupe des soirées mensuelles d’une communauté : il tient les dates, invite les
    membres, compte les places et garde juste l’agenda de chacun.

    Pour regarder :      mensuel demo
    Pour commencer :     mensuel serve            (il dit ce qui manque encore)
                         mensuel organizer add vous@communaute.example
                         mensuel token add portable --scope admin
                         mensuel import members membres.csv --dry-run
mensuel-after =
    Les réglages viennent de mensuel.toml (ou du fichier nommé par --config), puis des variables
    MENSUEL_… qui l’emportent ; aucun n’est obligatoire. Les listes d’attente suivent
    MENSUEL_OFFERS_WITHIN_DAYS=3, MENSUEL_OFFER_HOURS=12, MENSUEL_QUIET_HOURS=21:00-08:00 et
    MENSUEL_CUT_OFF_HOURS=2. Les résultats vont à la sortie standard,
    tout le reste à la sortie d’erreur.

    Codes de fin :
      0  fait
      1  refusé ou échoué ; rien n’a été changé
      2  la ligne de commande ou la configuration est fausse ; rien n’a été fait
      3  un import a trouvé des lignes fausses ; avec --skip-invalid les autres sont reprises,
         sans cela aucune ne l’est
     75  inbound : pas maintenant, le serveur de courrier doit recommencer
mensuel--config = Lire les réglages dans ce fichier au lieu de mensuel.toml
mensuel--config-value = FICHIER
mensuel--lang = Parler français ou anglais ; sinon la langue de MENSUEL_LANGUAGE, puis du terminal, puis de la communauté
mensuel--lang-value = fr|en

demo = Démarrer un service avec une saison inventée, pour regarder
demo-more =
    Tout y est calculé à partir d’aujourd’hui, gardé dans `demo` sous le dossier de données, et
    visible de cette machine seulement. Aucun mail ne part : une page les montre. Relancée, la
    démonstration reprend où elle s’était arrêtée ; une fois sa saison passée, elle recommence.
demo--fresh = Recommencer à neuf

serve = Démarrer le service
serve-more =
    La première ligne donne l’adresse à l’écoute. Il s’arrête sur SIGTERM ou Ctrl-C, en moins de
    dix secondes, et ne perd rien de ce qu’il a confirmé.

work = Traiter la file des mails et des rappels, sans servir de pages
work-more =
    Peut tourner à côté de `mensuel serve`, et plusieurs fois : chaque mail part une seule fois.

migrate = Mettre le schéma de la base à jour pour cette version
migrate-more =
    Sur SQLite, `mensuel serve` le fait de lui-même, et aucun service ne doit tourner pendant ce
    temps.

organizer = Les organisateurs
organizer-add = Donner ce rôle au membre de cette adresse, ou à une personne nouvelle
organizer-add--email = Son adresse électronique
organizer-add--email-value = ADRESSE
organizer-add--name = Son nom ; pour une personne nouvelle, il est sinon tiré de l’adresse
organizer-add--name-value = NOM

token = Les jetons d’API
token-add = Créer un jeton pour un programme, et l’afficher une seule fois
token-add-more =
    Le jeton seul va à la sortie standard : TOKEN=$(mensuel token add portable --scope admin)
token-add--name = À quoi il sert
token-add--name-value = NOM
token-add--organizer = À qui il est ; nécessaire sauf s’il y a exactement un organisateur
token-add--organizer-value = ADRESSE
token-add--scope = Ce qu’il permet au plus : read, write, admin ou inbound
token-add--scope-more =
    Ce qu’il permet au plus :
    - read     tout voir
    - write    planifier les soirées, inviter, répondre pour les membres
    - admin    aussi les jetons, les rôles et l’effacement
    - inbound  pour le seul serveur de courrier ; n’est à personne
token-add--scope-value = DROITS

inbound = Recevoir un mail sur l’entrée standard, pour le tube d’un serveur de courrier
inbound-more =
    Réponses d’agenda, mails revenus, plaintes et mots des personnes : chacun est classé une fois,
    avec ce qu’il est devenu. Ce qui empêche de le faire finit par 75, et le serveur de courrier
    recommence.
inbound--recipient = Le destinataire de l’enveloppe ; sinon l’en-tête dit pour qui c’était
inbound--recipient-value = ADRESSE
inbound--sender = L’expéditeur de l’enveloppe, vide pour un rapport ; sinon `Return-Path` le dit
inbound--sender-value = ADRESSE

doctor = Dire ce qui va, ce qui ne va pas, et quoi faire
doctor-more =
    Regarde les clés, le disque, la base, l’horloge, les adresses, le relais jusqu’à l’adresse
    d’expédition, et les enregistrements DNS du courrier (MX, SPF, DKIM, DMARC, PTR). Ne change
    rien, et finit par 1 s’il y a quelque chose à réparer.
doctor--mail = Envoyer un mail d’essai à cette adresse
doctor--mail-value = ADRESSE
doctor--resolver = Demander les enregistrements DNS à ce serveur, au lieu de celui de la machine
doctor--resolver-value = IP:PORT

import = Reprendre un fichier CSV ; personne ne reçoit de mail
import-members = Des membres : name, email ; job_title, company, language, member_since, follows, status
import-members-more =
    Une adresse connue, quelle que soit la casse, est mise à jour ; une cellule vide ne dit rien ;
    une personne partie n’est pas ramenée. `follows` vaut `all` ou des noms de formats séparés par
    des points-virgules.
import-events = Des soirées : date, start, end ; format, title, personnes, venue, capacity, status et le reste
import-events-more =
    Une ligne remplit la date retenue de son jour, ou crée une soirée s’il n’y en a pas. Un jour
    passé est de l’histoire. Les personnes sont des adresses de membres, des noms, ou
    `Nom <adresse>`, séparés par des points-virgules.
file--path = En UTF-8, sinon lu comme Windows-1252 ; virgules ou points-virgules ; colonnes par leur nom, dans n’importe quel ordre
file--path-value = FICHIER
file--dry_run = Dire ce qui se passerait, sans rien changer
file--skip_invalid = Reprendre les lignes justes même si d’autres sont fausses

help = Afficher l’aide, ou celle d’une commande
help--command = La commande, par exemple : organizer add
help--command-value = COMMANDE
