/** Why the database and the migrations do not go together, as one sentence for people. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}
