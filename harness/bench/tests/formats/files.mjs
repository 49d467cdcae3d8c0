// The files that `bench report` has written into the folder that FORMATS names, and the snapshots of its own tests, by format.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export const WRITTEN = process.env.FORMATS;
const SNAPSHOTS = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), "../fixtures/formats");

/** All files of a format, those of the binary first. */
export function files(ending) {
  const found = [WRITTEN, SNAPSHOTS].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(`.${ending}`))
      .sort()
      .map((file) => join(folder, file)),
  );
  if (found.length < 2) throw new Error(`no files were written that end in ${ending}`);
  return found;
}

/** A file as a test names it. */
export const name = (path) => `${basename(dirname(path))}/${basename(path)}`;

/** What the binary has written. */
export const read = (file) => readFileSync(join(WRITTEN, file), "utf8");

/** The JSON of a result that the binary has written. */
export const report = (result) => JSON.parse(read(`${result}.json`));
