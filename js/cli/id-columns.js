// The columns of a list of devices, as the Teams admin center, Graph, spreadsheets and this package's own reports name them.

/**
 * The names of a column without blanks and marks, in lower case; the first that a file has counts. A language that is missing is a word
 * more in such a list. A word that no export has does no harm.
 */
export const ID_COLUMNS = [
  "deviceid", // English
  "geräteid", // German
  "geräteidentifikation",
  "iddelappareil", // French
  "iddappareil",
  "identifiantdelappareil",
  "iddudispositif",
  "iddedispositivo", // Spanish, Portuguese
  "iddeldispositivo",
  "identificadordedispositivo",
  "iddodispositivo",
  "iddispositivo", // Italian
  "apparaatid", // Dutch
  "enhetsid", // Swedish, Norwegian
  "enhedsid", // Danish
  "laitetunnus", // Finnish
  "laitteentunnus",
  "identyfikatorurządzenia", // Polish
  "idurządzenia",
  "idzařízení", // Czech
  "eszközazonosító", // Hungarian
  "cihazkimliği", // Turkish
  "идентификаторустройства", // Russian
  "デバイスid", // Japanese
  "设备id", // Chinese
  "裝置id",
  "장치id", // Korean
  "디바이스id",
  "id", // Graph
];

export const NAME_COLUMNS = [
  "devicename",
  "displayname",
  "device",
  "name",
  "gerätename",
  "anzeigename",
  "nomdelappareil",
  "nomcomplet",
  "nombredeldispositivo",
  "nombreparamostrar",
  "nomedispositivo",
  "nomedodispositivo",
  "apparaatnaam",
  "weergavenaam",
  "デバイス名",
  "表示名",
];

export const USER_COLUMNS = [
  "user",
  "username",
  "currentuser",
  "signedinuser",
  "userprincipalname",
  "upn",
  "benutzer",
  "benutzername",
  "utilisateur",
  "usuario",
  "usuário",
  "utente",
  "gebruiker",
  "ユーザー",
];

export const MANUFACTURER_COLUMNS = ["manufacturer", "oem", "hersteller", "fabricant", "fabricante", "produttore", "fabrikant", "製造元"];

export const MODEL_COLUMNS = ["model", "devicemodel", "modell", "gerätemodell", "modèle", "modelo", "modello", "モデル"];

export const DELIMITERS = [",", ";", "\t"];

/** The name of a column in the spelling of the lists above. @param {string} header */
const spelling = (header) =>
  header
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/** Where a column is, or -1. @param {string[]} header @param {string[]} names */
export function columnOf(header, names) {
  const present = header.map(spelling);
  return present.indexOf(names.find((name) => present.includes(name)) ?? "\n");
}

/** Excel may name the delimiter in an extra first line. @param {string} text @returns {{ line: string, delimiter: string | undefined }} */
export function namedDelimiter(text) {
  const [line, delimiter] = /^\uFEFF?sep=(.)(?:\r\n|\n|\r|$)/i.exec(text) ?? [""];
  return { line, delimiter };
}
