/* The search by meaning, loaded by search.js when the first question needs it: makes a vector of the question out of
   the word table, and compares it with those of the portal's texts (docs/meaning-search.md tells the format). It is the
   other half of mkdocs_gitguard/meaning/word_table.py. */
"use strict";
window.gitguardSearch("../meaning", ({ directory, load, wordsOf, hitOf, shown }) => {
  const GROUP = 3;
  const tables = new Map(); // by file name: what it holds

  const bytesOf = (text) => Int8Array.from(atob(text), (character) => character.charCodeAt(0));
  const tableOf = async (name) => {
    if (!tables.has(name)) {
      const [names, data] = await load(`../meaning/${name}`);
      const listed = names.split(" ");
      tables.set(name, { listed, rows: bytesOf(data), places: new Map(listed.map((one, place) => [one, place])) });
    }
    return tables.get(name);
  };
  const index = async () => {
    const { meaning } = await directory();
    return meaning ? load(meaning) : null;
  };

  /* Of a list of where files begin and their names, the one with the pieces that begin with two letters. */
  const fileWith = (listed, letters) => {
    let name = "";
    for (let at = 0; at < listed.length && listed[at] <= letters; at += 2) name = listed[at + 1];
    return name;
  };
  /* The longest pieces that a word is made of, from its beginning on: [table, place in it]. */
  const piecesOf = async (word, meaning) => {
    const pieces = [];
    let rest = word;
    while (rest.length > 1) {
      const name = fileWith(rest === word ? meaning.begins : meaning.goesOn, rest.slice(0, 2));
      const table = name ? await tableOf(name) : { places: new Map() };
      let end = rest.length;
      while (end > 1 && !table.places.has(rest.slice(0, end))) end--;
      if (end > 1) pieces.push([table, table.places.get(rest.slice(0, end))]);
      rest = rest.slice(end);
    }
    return pieces;
  };
  const lengthOf = (vector) => Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
  const vectorOfWord = async (word, meaning) => {
    const width = meaning.dimensions + 1; // the first byte is how much the piece counts
    const vector = new Float64Array(meaning.dimensions);
    let weight = 0;
    for (const [{ rows }, place] of await piecesOf(word, meaning)) {
      weight = Math.max(weight, rows[place * width] & 255);
      for (let at = 0; at < vector.length; at++) vector[at] += rows[place * width + 1 + at];
    }
    const length = lengthOf(vector);
    return length ? vector.map((number) => (number * weight) / length) : null;
  };
  const tellingWords = (text, meaning) => {
    const stop = new Set(meaning.stop.split(" "));
    const parted = text.replace(/([a-z])(?=[A-Z])/g, "$1 ").replace(/([A-Z])(?=[A-Z][a-z])/g, "$1 ");
    return [...new Set(wordsOf(parted))].filter((word) => word.length > 1 && !stop.has(word));
  };
  const vectorOf = async (text, meaning) => {
    const vectors = await Promise.all(tellingWords(text, meaning).map((word) => vectorOfWord(word, meaning)));
    const sum = new Float64Array(meaning.dimensions);
    for (const vector of vectors.filter(Boolean)) vector.forEach((number, at) => (sum[at] += number));
    return lengthOf(sum) ? sum : null;
  };

  /* What is close to a question, the closest first: hits as those of `find`, each with its `score`. */
  const near = async (text, { limit = 8, pullRequests = false } = {}) => {
    const meaning = await index();
    const question = meaning && (await vectorOf(text, meaning));
    if (!question) return [];
    const length = lengthOf(question);
    const close = [];
    const compare = async (kind, name) => {
      const { listed, rows } = await tableOf(name);
      const width = meaning.dimensions;
      listed.forEach((reference, place) => {
        let product = 0;
        let square = 0;
        for (let at = 0; at < width; at++) {
          const number = rows[place * width + at];
          product += question[at] * number;
          square += number * number;
        }
        const score = ((meaning.weights[kind] ?? 1) * product) / (length * Math.sqrt(square));
        if (score >= meaning.least) close.push({ reference, score });
      });
    };
    const kinds = Object.entries(meaning.vectors).filter(([kind]) => pullRequests || kind !== "c");
    await Promise.all(kinds.flatMap(([kind, names]) => names.map((name) => compare(kind, name))));
    close.sort((a, b) => b.score - a.score || (a.reference < b.reference ? -1 : 1));
    const read = close.slice(0, limit).map(async ({ reference, score }) => {
      const hit = await hitOf({ group: reference.slice(0, GROUP), local: reference.slice(GROUP), how: 3, length: 0 });
      return hit && { ...shown(hit), score };
    });
    return (await Promise.all(read)).filter(Boolean);
  };
  const pullRequests = async () => (await index())?.counts.c ?? 0;

  return { near, pullRequests };
});
