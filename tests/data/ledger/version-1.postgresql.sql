CREATE TABLE IF NOT EXISTS entry (
  entry_id BIGINT PRIMARY KEY,
  recorded_us BIGINT NOT NULL UNIQUE,
  author TEXT NOT NULL CHECK (author <> ''),
  kind TEXT NOT NULL,
  about_id BIGINT NOT NULL,
  subject TEXT NOT NULL CHECK (subject <> ''),
  value TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX entry_by_subject ON entry (subject, entry_id);
CREATE INDEX entry_by_kind ON entry (kind, entry_id, about_id, value);
CREATE UNIQUE INDEX one_report ON entry (subject) WHERE kind = 'report';
CREATE UNIQUE INDEX one_claim ON entry (subject) WHERE kind = 'claim';
CREATE TABLE claim_target (
  entry_id BIGINT NOT NULL REFERENCES entry,
  claim_entry BIGINT NOT NULL,
  report_entry BIGINT NOT NULL,
  target TEXT NOT NULL,
  lane TEXT NOT NULL,
  said_us BIGINT NOT NULL,
  from_us BIGINT NOT NULL,
  until_us BIGINT NOT NULL,
  says TEXT NOT NULL,
  chain TEXT NOT NULL,
  PRIMARY KEY (entry_id, target)
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE FUNCTION refuse_disorder() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last RECORD;
BEGIN
  SELECT entry_id, recorded_us INTO last FROM entry ORDER BY entry_id DESC LIMIT 1;
  IF NEW.entry_id <> COALESCE(last.entry_id, 0) + 1 OR NEW.recorded_us <= COALESCE(last.recorded_us, -1) THEN
    RAISE EXCEPTION 'the ledger is append-only: entries are numbered, in order of time';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entry_in_order BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION refuse_disorder();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER target_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_target
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
