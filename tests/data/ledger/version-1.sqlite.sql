BEGIN TRANSACTION;
CREATE TABLE claim_target (
  entry_id INTEGER NOT NULL REFERENCES entry,
  claim_entry INTEGER NOT NULL,
  report_entry INTEGER NOT NULL,
  target TEXT NOT NULL,
  lane TEXT NOT NULL,
  said_us INTEGER NOT NULL,
  from_us INTEGER NOT NULL,
  until_us INTEGER NOT NULL,
  says TEXT NOT NULL,
  chain TEXT NOT NULL,
  PRIMARY KEY (entry_id, target)
) STRICT;
INSERT INTO "claim_target" VALUES(4,4,1,'crossing:bridge','crossing:bridge
status
prospective alleged
drivers',1666267200000000,1666267200000000,4611686018427387904,'limited+','drivers');
INSERT INTO "claim_target" VALUES(4,4,1,'site:school','site:school
status
prospective alleged
drivers',1666267200000000,1666267200000000,4611686018427387904,'limited+','drivers');
INSERT INTO "claim_target" VALUES(18,18,13,'crossing:bridge','crossing:bridge
status
directive requested
the mayor',1666245600000000,1666245600000000,4611686018427387904,'limited+','the mayor');
INSERT INTO "claim_target" VALUES(18,18,13,'site:school','site:school
status
directive requested
the mayor',1666245600000000,1666245600000000,4611686018427387904,'limited+','the mayor');
INSERT INTO "claim_target" VALUES(29,29,1,'site:school','site:school
order
directive said
?? odd',1666332000000000,1666332000000000,4611686018427387904,'limited-','?? odd');
INSERT INTO "claim_target" VALUES(29,29,1,'crossing:bridge','crossing:bridge
order
directive said
?? odd',1666332000000000,1666332000000000,4611686018427387904,'limited-','?? odd');
INSERT INTO "claim_target" VALUES(31,31,22,'crossing:bridge','crossing:bridge
order
actual assessed
drivers',1666270800000000,1666270800000000,4611686018427387904,'limited-','drivers');
INSERT INTO "claim_target" VALUES(31,31,22,'site:school','site:school
order
actual assessed
drivers',1666270800000000,1666270800000000,4611686018427387904,'limited-','drivers');
INSERT INTO "claim_target" VALUES(34,18,13,'crossing:bridge','crossing:bridge
order
possible ordered
drivers',1666245600000000,1666245600000000,4611686018427387904,'closed-','drivers');
INSERT INTO "claim_target" VALUES(34,18,13,'site:school','site:school
order
possible ordered
drivers',1666245600000000,1666245600000000,4611686018427387904,'closed-','drivers');
INSERT INTO "claim_target" VALUES(35,35,22,'site:school','site:school
order
hypothetical advised
a ministry',1666270800000000,1666270800000000,4611686018427387904,'','a ministry');
INSERT INTO "claim_target" VALUES(38,38,22,'site:school','site:school
order
possible alleged
drivers',1666270800000000,1666296000000000,1666317600000000,'closed-','drivers');
INSERT INTO "claim_target" VALUES(38,38,22,'crossing:bridge','crossing:bridge
order
possible alleged
drivers',1666270800000000,1666296000000000,1666317600000000,'closed-','drivers');
CREATE TABLE entry (
  entry_id INTEGER PRIMARY KEY,
  recorded_us INTEGER NOT NULL UNIQUE,
  author TEXT NOT NULL CHECK (author <> ''),
  kind TEXT NOT NULL,
  about_id INTEGER NOT NULL,
  subject TEXT NOT NULL CHECK (subject <> ''),
  value TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
INSERT INTO "entry" VALUES(1,1795473463529935,'duty desk','report',1,'r0','2022-10-20T12:00:00+00:00','{"report_id":"r0","title":"","text":"The bridge is closed.","outlet":"","author":"","published":"2022-10-20T12:00:00+00:00","received":"2022-10-20T12:00:00+00:00","entered_by":"duty desk","url":"","language":"en","sha256":"e4a1e29755ae1e59c0795f74f442241dfcf0a9f398b690f470b9117153521748"}');
INSERT INTO "entry" VALUES(2,1795473463529936,'duty desk','authority',0,'a ministry@crossing:bridge','','{"name":"a ministry","place":"crossing:bridge","is_competent":false}');
INSERT INTO "entry" VALUES(3,1795473463533723,'duty desk','authority',0,'a ministry@crossing:bridge','','{"name":"a ministry","place":"crossing:bridge","is_competent":false}');
INSERT INTO "entry" VALUES(4,1795473463541752,'duty desk','claim',4,'c3','','{"claim_id":"c3","report_id":"r0","statement":"\u00f3\u00e9s\u008f\u00aa\u00a9l","force":"alleged","chain":[{"name":"drivers","role":"speaker","basis":"explicit"}],"about":{"frame":"status","state":"limited","targets":["crossing:bridge","site:school"]},"act":"assert","polarity":"affirmed","stage":"prospective","rule":"hand","confidence":1.0,"said":{"start":"2022-10-21T02:00:00+00:00","end":null,"text":"","resolved":false,"grain":""},"holds":{"start":null,"end":null,"text":"","resolved":false,"grain":""}}');
INSERT INTO "entry" VALUES(5,1795473463545670,'duty desk','decision',4,'c3','rejected','{"claim_id":"c3","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(6,1795473463545671,'duty desk','merge',4,'c3','','{"claim_id":"c3","into":"c3","is_merged":false}');
INSERT INTO "entry" VALUES(7,1795473463545672,'duty desk','merge',4,'c3','c3','{"claim_id":"c3","into":"c3","is_merged":true}');
INSERT INTO "entry" VALUES(8,1795473463545673,'duty desk','merge',4,'c3','c3','{"claim_id":"c3","into":"c3","is_merged":true}');
INSERT INTO "entry" VALUES(9,1795473463549753,'duty desk','decision',4,'c3','rejected','{"claim_id":"c3","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(10,1795473463549754,'duty desk','merge',4,'c3','c3','{"claim_id":"c3","into":"c3","is_merged":true}');
INSERT INTO "entry" VALUES(11,1795473463549755,'duty desk','authority',0,'the mayor@crossing:bridge','','{"name":"the mayor","place":"crossing:bridge","is_competent":false}');
INSERT INTO "entry" VALUES(12,1795473463553675,'duty desk','decision',4,'c3','open','{"claim_id":"c3","verdict":"open","reason":""}');
INSERT INTO "entry" VALUES(13,1795473463557710,'duty desk','report',13,'r12','2022-10-20T06:00:00+00:00','{"report_id":"r12","title":"","text":"@\u001d%o\ud85c\uddb8","outlet":"","author":"","published":"2022-10-20T06:00:00+00:00","received":"2022-10-20T12:00:00+00:00","entered_by":"duty desk","url":"","language":"en","sha256":"47c66f0da188cbee4718582bf5960637db4e942374b7ea4600ba7db777622b56"}');
INSERT INTO "entry" VALUES(14,1795473463561641,'duty desk','decision',4,'c3','rejected','{"claim_id":"c3","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(15,1795473463561642,'duty desk','grade',4,'c3','F6','{"claim_id":"c3","grade":"F6"}');
INSERT INTO "entry" VALUES(16,1795473463561643,'duty desk','decision',4,'c3','open','{"claim_id":"c3","verdict":"open","reason":""}');
INSERT INTO "entry" VALUES(17,1795473463565694,'duty desk','decision',4,'c3','open','{"claim_id":"c3","verdict":"open","reason":""}');
INSERT INTO "entry" VALUES(18,1795473463569669,'duty desk','claim',18,'c17','','{"claim_id":"c17","report_id":"r12","statement":"\u000e\ud9e5\udc559\u00e8","force":"requested","chain":[{"name":"the mayor","role":"speaker","basis":"explicit"}],"about":{"frame":"status","state":"limited","capacity_factor":0.9479918463104913,"targets":["crossing:bridge","site:school"]},"act":"assert","polarity":"affirmed","stage":"directive","rule":"hand","confidence":1.0,"holds":{"start":"2022-10-19T10:00:00+00:00","end":"2022-10-20T06:00:00+00:00","text":"","resolved":false,"grain":""}}');
INSERT INTO "entry" VALUES(19,1795473463573723,'duty desk','decision',18,'c17','accepted','{"claim_id":"c17","verdict":"accepted","reason":""}');
INSERT INTO "entry" VALUES(20,1795473463577687,'duty desk','decision',4,'c3','rejected','{"claim_id":"c3","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(21,1795473463580859,'duty desk','grade',18,'c17','C6','{"claim_id":"c17","grade":"C6"}');
INSERT INTO "entry" VALUES(22,1795473463581550,'duty desk','report',22,'r21','2022-10-20T13:00:00+00:00','{"report_id":"r21","title":"","text":"\u00d3\ud80c\udcdaw\u00e9\u0012Hx\u0082","outlet":"","author":"","published":"2022-10-20T13:00:00+00:00","received":"2022-10-20T12:00:00+00:00","entered_by":"duty desk","url":"","language":"en","sha256":"78d27ab0f1511344db5e7116d6029cc9c7b1e6866d5418188bc6dadc72cea11c"}');
INSERT INTO "entry" VALUES(23,1795473463585678,'duty desk','decision',4,'c3','rejected','{"claim_id":"c3","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(24,1795473463585679,'duty desk','merge',4,'c3','c3','{"claim_id":"c3","into":"c3","is_merged":true}');
INSERT INTO "entry" VALUES(25,1795473463589693,'duty desk','decision',4,'c3','open','{"claim_id":"c3","verdict":"open","reason":""}');
INSERT INTO "entry" VALUES(26,1795473463589694,'duty desk','decision',4,'c3','rejected','{"claim_id":"c3","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(27,1795473463589695,'duty desk','correction',18,'c17','','{"claim":{"claim_id":"c17","report_id":"r12","statement":"\u0085Y\u00bdx\u00ae\udb97\udf94\u001c\ud925\udf0f\"\u00db","force":"alleged","chain":[{"name":"drivers","role":"speaker","basis":"explicit"}],"about":{"frame":"movement","state":"open"},"act":"assert","polarity":"affirmed","stage":"directive","rule":"hand","confidence":1.0,"said":{"start":"2022-10-20T02:00:00+00:00","end":null,"text":"","resolved":false,"grain":""},"holds":{"start":"2022-10-20T10:00:00+00:00","end":null,"text":"","resolved":true,"grain":""}},"reason":"\u008a\u00d0r*\u00de\u00ef\u00f4\u00e4"}');
INSERT INTO "entry" VALUES(28,1795473463589696,'duty desk','merge',18,'c17','','{"claim_id":"c17","into":"c17","is_merged":false}');
INSERT INTO "entry" VALUES(29,1795473463593676,'duty desk','claim',29,'c28','','{"claim_id":"c28","report_id":"r0","statement":"\ud812\udda1~\u00ab\ud813\udfc9\u00a56\u00a0\u0095","force":"denied","chain":[{"name":"\ud800\u0000 odd","role":"speaker","basis":"explicit"}],"about":{"frame":"order","state":"limited","capacity_factor":0.21010874192231893,"targets":["site:school","crossing:bridge"]},"act":"assert","polarity":"negated","stage":"directive","rule":"hand","confidence":1.0,"said":{"start":"2022-10-21T06:00:00+00:00","end":null,"text":"","resolved":true,"grain":""},"holds":{"start":null,"end":null,"text":"","resolved":false,"grain":""}}');
INSERT INTO "entry" VALUES(30,1795473463597646,'duty desk','decision',4,'c3','open','{"claim_id":"c3","verdict":"open","reason":""}');
INSERT INTO "entry" VALUES(31,1795473463597647,'duty desk','claim',31,'c30','','{"claim_id":"c30","report_id":"r21","statement":"\udbff\ude1e,VZ\nG H","force":"assessed","chain":[{"name":"drivers","role":"speaker","basis":"explicit"}],"about":{"frame":"order","state":"limited","capacity_factor":0.01476512644100048,"targets":["crossing:bridge","site:school"]},"act":"assert","polarity":"negated","stage":"actual","rule":"hand","confidence":1.0,"said":{"start":null,"end":null,"text":"","resolved":false,"grain":""}}');
INSERT INTO "entry" VALUES(32,1795473463601649,'duty desk','decision',31,'c30','rejected','{"claim_id":"c30","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(33,1795473463605622,'duty desk','decision',4,'c3','rejected','{"claim_id":"c3","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(34,1795473463609659,'duty desk','correction',18,'c17','','{"claim":{"claim_id":"c17","report_id":"r12","statement":">\uda37\udd5d\udba4\udfc0\u00d8","force":"ordered","chain":[{"name":"drivers","role":"speaker","basis":"explicit"}],"about":{"frame":"order","state":"closed","targets":["crossing:bridge","site:school"]},"act":"assert","polarity":"negated","stage":"possible","rule":"hand","confidence":1.0,"said":{"start":null,"end":null,"text":"","resolved":false,"grain":""}},"reason":"d\u00a9\u0001\u001c\ud8b1\udcba"}');
INSERT INTO "entry" VALUES(35,1795473463613721,'duty desk','claim',35,'c34','','{"claim_id":"c34","report_id":"r21","statement":"`\u00ef_mf\u009es\u0097}","force":"advised","chain":[{"name":"a ministry","role":"speaker","basis":"explicit"}],"about":{"frame":"order","state":"odd","capacity_factor":0.6129850565969573,"targets":["site:school"]},"act":"assert","polarity":"affirmed","stage":"hypothetical","rule":"hand","confidence":1.0,"said":{"start":null,"end":null,"text":"","resolved":false,"grain":""}}');
INSERT INTO "entry" VALUES(36,1795473463613722,'duty desk','decision',29,'c28','rejected','{"claim_id":"c28","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(37,1795473463617625,'duty desk','claim',37,'c36','','{"claim_id":"c36","report_id":"r12","statement":"\u00af","force":"advised","chain":[{"name":"\ud800\u0000 odd","role":"speaker","basis":"explicit"}],"about":{"frame":"movement","state":"limited","targets":["crossing:bridge","site:school"]},"act":"assert","polarity":"negated","stage":"possible","rule":"hand","confidence":1.0,"holds":{"start":"2022-10-20T01:00:00+00:00","end":"2022-10-20T04:00:00+00:00","text":"","resolved":false,"grain":""}}');
INSERT INTO "entry" VALUES(38,1795473463617626,'duty desk','claim',38,'c37','','{"claim_id":"c37","report_id":"r21","statement":"\b\u00b6\u0012_\u00d5\ud87d\udec7\u00a9\u0090\u0092\u00c6","force":"alleged","chain":[{"name":"drivers","role":"speaker","basis":"explicit"}],"about":{"frame":"order","state":"closed","targets":["site:school","crossing:bridge"]},"act":"assert","polarity":"negated","stage":"possible","rule":"hand","confidence":1.0,"said":{"start":"2022-10-19T11:00:00+00:00","end":null,"text":"","resolved":false,"grain":""},"holds":{"start":"2022-10-20T20:00:00+00:00","end":"2022-10-21T02:00:00+00:00","text":"","resolved":true,"grain":""}}');
INSERT INTO "entry" VALUES(39,1795473463617627,'duty desk','grade',35,'c34','E1','{"claim_id":"c34","grade":"E1"}');
INSERT INTO "entry" VALUES(40,1795473463621624,'duty desk','decision',38,'c37','accepted','{"claim_id":"c37","verdict":"accepted","reason":""}');
INSERT INTO "entry" VALUES(41,1795473463625633,'duty desk','claim',41,'c40','','{"claim_id":"c40","report_id":"r21","statement":"\u00a7\u00ef\u0091\ud802\udc30","force":"pledged","chain":[{"name":"the mayor","role":"speaker","basis":"explicit"}],"about":{"frame":"order","capacity_factor":2.0462085284824595e-256},"act":"assert","polarity":"negated","stage":"prospective","rule":"hand","confidence":1.0,"said":{"start":null,"end":null,"text":"","resolved":false,"grain":""},"holds":{"start":null,"end":null,"text":"","resolved":false,"grain":""}}');
INSERT INTO "entry" VALUES(42,1795473463628786,'duty desk','authority',0,'the mayor@crossing:bridge','','{"name":"the mayor","place":"crossing:bridge","is_competent":false}');
INSERT INTO "entry" VALUES(43,1795473463628787,'duty desk','decision',35,'c34','rejected','{"claim_id":"c34","verdict":"rejected","reason":""}');
INSERT INTO "entry" VALUES(44,1795473463628788,'duty desk','withdrawal',35,'claim:c34','','{"target":"claim:c34","reason":"\udbce\udd53Y","is_withdrawn":false}');
INSERT INTO "entry" VALUES(45,1795473463630988,'duty desk','staleness',0,'crossing','20.123113679697624','{"kind":"crossing","half_life_h":20.123113679697624}');
INSERT INTO "entry" VALUES(46,1795473463630989,'duty desk','merge',35,'c34','','{"claim_id":"c34","into":"c28","is_merged":false}');
INSERT INTO "entry" VALUES(47,1795473463630990,'duty desk','claim',47,'c46','','{"claim_id":"c46","report_id":"r21","statement":"\udb54\udf8ee","force":"alleged","chain":[{"name":"the mayor","role":"speaker","basis":"explicit"}],"about":{"frame":"movement","state":"limited","targets":["site:school","crossing:bridge"]},"act":"assert","polarity":"negated","stage":"actual","rule":"hand","confidence":1.0,"said":{"start":"2022-10-21T05:00:00+00:00","end":null,"text":"","resolved":true,"grain":""},"holds":{"start":"2022-10-20T05:00:00+00:00","end":"2022-10-20T14:00:00+00:00","text":"","resolved":false,"grain":""}}');
INSERT INTO "entry" VALUES(48,1795473463633631,'duty desk','decision',47,'c46','accepted','{"claim_id":"c46","verdict":"accepted","reason":""}');
INSERT INTO "entry" VALUES(49,1795473463637643,'duty desk','decision',41,'c40','accepted','{"claim_id":"c40","verdict":"accepted","reason":""}');
INSERT INTO "entry" VALUES(50,1795473463641702,'duty desk','staleness',0,'bridge','76.27513858475089','{"kind":"bridge","half_life_h":76.27513858475089}');
INSERT INTO "entry" VALUES(51,1795473463641703,'duty desk','report',51,'r50','2022-10-20T12:00:00+00:00','{"report_id":"r50","title":"","text":"\u00f1","outlet":"","author":"","published":null,"received":"2022-10-20T12:00:00+00:00","entered_by":"duty desk","url":"","language":"en","sha256":"024bb90888ca89a15a19e9bdd8c712bfb070465fce1ef25e43c170ea44fc5e5f"}');
INSERT INTO "entry" VALUES(52,1795473463649759,'duty desk','claim',52,'c51','','{"claim_id":"c51","report_id":"r0","statement":"\ud82e\udda2D","force":"assessed","chain":[{"name":"the mayor","role":"speaker","basis":"explicit"}],"about":{"frame":"movement","state":"open","targets":["site:school"]},"act":"assert","polarity":"affirmed","stage":"directive","rule":"hand","confidence":1.0,"holds":{"start":null,"end":null,"text":"","resolved":false,"grain":""}}');
INSERT INTO "entry" VALUES(53,1795473463657741,'duty desk','merge',4,'c3','c46','{"claim_id":"c3","into":"c46","is_merged":true}');
INSERT INTO "entry" VALUES(54,1795473463665759,'duty desk','staleness',0,'crossing','38.8564024103832','{"kind":"crossing","half_life_h":38.8564024103832}');
INSERT INTO "entry" VALUES(55,1795473463665760,'duty desk','merge',52,'c51','','{"claim_id":"c51","into":"c17","is_merged":false}');
INSERT INTO "entry" VALUES(56,1795473463673716,'duty desk','decision',31,'c30','accepted','{"claim_id":"c30","verdict":"accepted","reason":""}');
INSERT INTO "entry" VALUES(57,1795473463673717,'duty desk','report',57,'r56','2022-10-20T01:00:00+00:00','{"report_id":"r56","title":"","text":"\uda03\udcef\u00bf\u0000\udafd\udda4\\","outlet":"","author":"","published":"2022-10-20T01:00:00+00:00","received":"2022-10-20T12:00:00+00:00","entered_by":"duty desk","url":"","language":"en","sha256":"d1e388f509b2f085e94c7933bcafc069d1379c530a4be131586e79d18f701f8d"}');
CREATE INDEX entry_by_subject ON entry (subject, entry_id);
CREATE INDEX entry_by_kind ON entry (kind, entry_id, about_id, value);
CREATE UNIQUE INDEX one_report ON entry (subject) WHERE kind = 'report';
CREATE UNIQUE INDEX one_claim ON entry (subject) WHERE kind = 'claim';
CREATE TRIGGER entry_in_order BEFORE INSERT ON entry
WHEN NEW.entry_id <> (SELECT COALESCE(MAX(entry_id), 0) + 1 FROM entry)
  OR NEW.recorded_us <= (SELECT COALESCE(MAX(recorded_us), -1) FROM entry)
  OR (NEW.kind IN ('report', 'claim')
      AND EXISTS (SELECT 1 FROM entry WHERE kind = NEW.kind AND subject = NEW.subject))
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: entries are numbered, in order of time, ids given once'); END;
CREATE TRIGGER target_is_new BEFORE INSERT ON claim_target
WHEN EXISTS (SELECT 1 FROM claim_target WHERE entry_id = NEW.entry_id AND target = NEW.target)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER claim_target_no_update BEFORE UPDATE ON claim_target BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER claim_target_no_delete BEFORE DELETE ON claim_target BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
COMMIT;
PRAGMA application_id = 1129076569;
PRAGMA user_version = 1;
