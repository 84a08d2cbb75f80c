"""Authlib's client, for run.py."""

import concurrent.futures
import json
import sys
from importlib.metadata import version

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey


def session(call):
    if call["auth"] == "private_key_jwt":
        # Another form of key is read as one of RSA.
        secret = ECKey.import_key(call["key"])
        headers = {"kid": call["key_id"]} if call["key_id"] else None
        method = PrivateKeyJWT(call["url"], headers=headers, alg="ES256")
    else:
        method, secret = call["auth"], call["client_secret"]
    return OAuth2Session(
        call["client_id"],
        secret,
        token_endpoint=call["url"],
        token_endpoint_auth_method=method,
        grant_type="client_credentials",
        scope=call.get("scope"),
    )


def fetch(client, call):
    token = client.fetch_token(**call.get("params", {}))
    return {"token": token["access_token"], "expires_in": token.get("expires_in")}


def outcome(function):
    try:
        return function()
    except OAuthError as error:
        return {"code": error.error or "", "error": str(error)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def calls(call):
    """With its own rule when to get a token, as its session applies it before a request of an API."""
    client = session(call)

    def one(_=None):
        def ensure():
            if not client.token:
                fetch(client, call)
            client.ensure_active_token(client.token)
            return {}

        return outcome(ensure)

    if call["at_once"]:
        with concurrent.futures.ThreadPoolExecutor(call["calls"]) as pool:
            list(pool.map(one, range(call["calls"])))
    else:
        for _ in range(call["calls"]):
            one()
    return {}


print(json.dumps({"version": version("authlib")}), flush=True)
for line in sys.stdin:
    call = json.loads(line)
    match call["do"]:
        case "token":
            answer = outcome(lambda: fetch(session(call), call))
        case "calls":
            answer = calls(call)
        case _:
            answer = {"unsupported": True}
    print(json.dumps(answer), flush=True)
