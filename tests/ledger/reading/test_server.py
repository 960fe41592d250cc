"""The adapter for a language model's server, against a real HTTP server."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from clearway.errors import UsageError
from clearway.ledger.claims import Force, Role
from clearway.ledger.reading import Gazetteer
from clearway.ledger.reading.server import Server, ask_server
from clearway.ledger.reports import Report

TEXT = "Ann Lee told the paper that the bridge is closed. Tom Hale ordered people to leave."
REPORT = Report("r", TEXT, datetime(2024, 1, 1, tzinfo=UTC), "test")
TRUE = {
    "quote": "the bridge is closed",
    "cue": "told",
    "speaker": "Ann Lee",
    "through": ["the paper"],
    "force": "asserted",
}
ORDER = {"quote": "people to leave", "cue": "ordered", "speaker": "Tom Hale", "force": "ordered"}
INVENTED = {"quote": "the bridge was destroyed", "cue": "said", "speaker": "Ann Lee", "force": "asserted"}
STRANGER = {"quote": "people to leave", "cue": "ordered", "speaker": "The president", "force": "asserted"}


@pytest.fixture
def serve() -> Iterator[Any]:
    servers = []

    def start(answer: str, status: int = 200) -> tuple[str, list[Any]]:
        asked: list[Any] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *args: object) -> None: ...

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def chat(claims: list[Any]) -> str:
    content = "Here it is:\n```json\n" + json.dumps({"claims": claims}) + "\n```"
    return json.dumps({"choices": [{"message": {"content": content}}]})


def test_what_is_not_in_the_text_is_dropped_and_counted(serve: Any) -> None:
    url, asked = serve(chat([TRUE, INVENTED, STRANGER, ORDER, "nonsense", {"quote": 3}]))
    answer = ask_server(REPORT, Server(url, "tiny"), Gazetteer())
    assert ([c.statement for c in answer.claims], answer.n_dropped) == (["the bridge is closed", "people to leave"], 4)
    assert [(s.name, s.role) for s in answer.claims[0].chain][:2] == [
        ("Ann Lee", Role.SPEAKER),
        ("the paper", Role.RELAY),
    ]
    assert asked[0][0] == "/v1/chat/completions"
    assert asked[0][1]["model"] == "tiny"
    assert asked[0][1]["messages"][1]["content"] == TEXT


def test_an_order_on_a_servers_word_is_only_a_request(serve: Any) -> None:
    url, _ = serve(chat([ORDER]))
    assert [c.force for c in ask_server(REPORT, Server(url), Gazetteer()).claims] == [Force.REQUESTED]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "no json",
        '{"choices": []}',
        chat([])[:-3],
        json.dumps({"choices": [{"message": {"content": '{"claims": 3}'}}]}),
    ],
)
def test_another_answer_is_one_clear_message(serve: Any, answer: str) -> None:
    url, _ = serve(answer)
    with pytest.raises(UsageError, match="answered something else"):
        ask_server(REPORT, Server(url), Gazetteer())


def test_no_answer_is_one_clear_message(serve: Any) -> None:
    url, _ = serve("{}", status=500)
    with pytest.raises(UsageError, match="did not answer"):
        ask_server(REPORT, Server(url), Gazetteer())
    with pytest.raises(UsageError, match="takes a URL"):
        Server("file:///etc/passwd")
