/** What the researcher's panel says; operators never load it. */
const en = {
  title: "Preview",
  lead: "Nothing here is stored or counted.",
  condition: "Condition",
  place: "Page",
  language: "Language",
  recorded: "What is recorded",
  nothingYet: "Nothing yet: act on the page.",
  refused: (reason: string) => `Refused: ${reason}`,
  texts: "Texts to change",
  howTo: "Select words on the page, then mark them.",
  mark: "Mark the selected words",
  markThis: (words: string) => `Mark “${words}”`,
  note: "What should it say?",
  remove: "Remove",
  copy: "Copy the list",
  download: "Download the list",
  copied: "Copied",
  listTitle: (study: string) => `${study}: texts to change`,
  notAllowed: "For researchers only",
  signIn: "Open the address that `binome serve` printed, with its key; then come back by the link of the researcher’s page.",
  unknown: "There is no such condition or page in this study.",
  hide: "Hide the panel",
  show: "Show the panel",
  practice: "practice",
  back: "Researcher’s page",
  kinds: {
    device: "Device check", consent: "Consent", instructions: "Instructions", block: "Start of a part", offer: "Offer", decision: "Decision",
    feedback: "Feedback", questionnaire: "Questionnaire", break: "Break", return: "Next session", debriefing: "Debriefing", done: "End",
  } as Record<string, string>,
};

export type PanelWords = typeof en;

const fr: PanelWords = {
  title: "Aperçu",
  lead: "Rien ici n’est gardé ni compté.",
  condition: "Condition",
  place: "Page",
  language: "Langue",
  recorded: "Ce qui est enregistré",
  nothingYet: "Rien encore\u00a0: agissez sur la page.",
  refused: (reason) => `Refusé\u00a0: ${reason}`,
  texts: "Textes à changer",
  howTo: "Sélectionnez des mots sur la page, puis marquez-les.",
  mark: "Marquer les mots sélectionnés",
  markThis: (words) => `Marquer «\u00a0${words}\u00a0»`,
  note: "Que devrait dire ce texte\u202f?",
  remove: "Retirer",
  copy: "Copier la liste",
  download: "Télécharger la liste",
  copied: "Copié",
  listTitle: (study) => `${study}\u00a0: textes à changer`,
  notAllowed: "Réservé à la recherche",
  signIn: "Ouvrez l’adresse affichée par `binome serve`, avec sa clé\u202f; revenez ensuite par le lien de la page de recherche.",
  unknown: "Cette étude n’a pas de telle condition ni de telle page.",
  hide: "Masquer le panneau",
  show: "Afficher le panneau",
  practice: "entraînement",
  back: "Page de recherche",
  kinds: {
    device: "Vérification de l’appareil", consent: "Consentement", instructions: "Consignes", block: "Début d’une partie", offer: "Proposition", decision: "Décision",
    feedback: "Correction", questionnaire: "Questionnaire", break: "Pause", return: "Prochaine séance", debriefing: "Explications finales", done: "Fin",
  },
};

export function panelWords(language: string): PanelWords {
  return language.startsWith("fr") ? fr : en;
}
