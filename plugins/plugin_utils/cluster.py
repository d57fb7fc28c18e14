# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to the API server: which credentials, and one GET. Through the kubernetes package's configuration and its urllib3 pool.

The package is imported only when a cluster is configured (it costs 0.2 to 0.6 s). Answers stay plain JSON: making its model objects of a
list of pods would cost many times the request.
"""

import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import (
    ClusterError,
    NoAnswer,
    ReadFailed,
    flat,
    no_answer,
    refusal,
)

# Option names, aliases and K8S_AUTH_* variables are those of kubernetes.core, so that one credential serves both.
AUTH_SPEC = {
    "kubeconfig": {"type": "raw"},
    "context": {"type": "str"},
    "host": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
    "proxy": {"type": "str"},
    "no_proxy": {"type": "str"},
    "impersonate_user": {"type": "str"},
    "impersonate_groups": {"type": "list", "elements": "str"},
    "persist_config": {"type": "bool"},
}
# Their names in the package's Configuration
_FIELDS = {"host": "host", "validate_certs": "verify_ssl", "ca_cert": "ssl_ca_cert", "client_cert": "cert_file", "client_key": "key_file",
           "proxy": "proxy", "no_proxy": "no_proxy"}
CONNECT_S = 5.0
CREDENTIALS_S = 20.0  # a kubeconfig may start a program (exec) to get a token
_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_IN_POD = "this pod's service account"


class Api:
    """One API server, read only: `get` may be called from several threads."""

    def __init__(self, server, pool, headers, source, timeout, close):
        self.server = printable_url(server)
        self._base = server.rstrip("/")
        self._pool, self._headers, self._source, self.close = pool, headers, source, close
        self._timeouts = (min(CONNECT_S, timeout), timeout)
        self.ahead_s = None  # the server's clock minus ours, told by its first answer
        self.requests = 0

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def get(self, path, query=(), accept="application/json"):
        """GET -> the answer, a JSON object.

        Raises ReadFailed for an answer that is none, NoAnswer when there is none, ClusterError when there is no access.
        """
        answer = self._request(path, query, accept)
        self._compare_clocks(answer.headers.get("date"))
        if answer.status == 401:
            raise ClusterError(f"the API server {self.server} does not accept the credentials of {self._source} (401): "
                               "a token or certificate that is expired or of another cluster; renew it")
        if answer.status == 400 and b"HTTP request to an HTTPS server" in answer.data:
            raise ClusterError(f"the API server {self.server} wants TLS; write https:// in {self._source}")
        try:
            content = json.loads(answer.data)
        except ValueError:
            content = None
        if answer.status == 200 and isinstance(content, dict):
            return content
        raise ReadFailed(refusal(answer.status, content), answer.status)

    def text(self, path, limit):
        """GET of what is no object, as a kubelet's answer through the proxy -> (HTTP status, at most `limit` bytes of it as text).

        Raises NoAnswer.
        """
        import urllib3

        said = []

        def ask():
            try:
                answer = self._request(path, (), "*/*", preload_content=False)
                try:
                    said.append((answer.status, answer.read(limit, decode_content=True).decode("utf-8", "replace")))
                finally:
                    answer.close()
            except (urllib3.exceptions.HTTPError, OSError) as error:
                said.append(NoAnswer(no_answer(error, self.server, self._source, self._timeouts)))
            except ClusterError as error:
                said.append(error)

        # in a thread, because the timeout is one of each byte, and who answers is the node
        work = threading.Thread(target=ask, daemon=True)
        work.start()
        work.join(sum(self._timeouts))
        if not said:
            raise NoAnswer(f"the answer that {self.server} passes on did not end within {sum(self._timeouts):g} s")
        if isinstance(said[0], ClusterError):
            raise said[0]
        return said[0]

    def _request(self, path, query, accept, **how):
        import urllib3

        url = self._base + path + ("?" + urlencode(list(query)) if query else "")
        headers = self._headers()
        headers["Accept"] = accept
        headers["Accept-Encoding"] = "gzip"  # a list becomes a tenth, and comes no later even from the same machine
        headers["User-Agent"] = "kubetriage.node"
        self.requests += 1
        try:
            return self._pool.request("GET", url, headers=headers, retries=False, redirect=False,
                                      timeout=urllib3.Timeout(connect=self._timeouts[0], read=self._timeouts[1]), **how)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NoAnswer(no_answer(error, self.server, self._source, self._timeouts)) from error
        except ValueError:  # its words quote the header that is none, and that may be the token
            raise ClusterError(f"a request to {self.server} cannot be made with the credentials of {self._source}: its address, token or user "
                               "holds a character that may not stand there") from None

    def now(self):
        """Epoch seconds by the API server's clock, which stamps conditions and events; by ours until it answered."""
        return time.time() + (self.ahead_s or 0.0)

    def _compare_clocks(self, date):
        if self.ahead_s is None and date:
            try:
                told = parsedate_to_datetime(date).timestamp()
            except (TypeError, ValueError, OverflowError):
                return
            ahead = told - time.time()
            self.ahead_s = ahead if abs(ahead) > 2 else 0.0  # the header has whole seconds, and the answer took a while


def play_environment(action):
    """The controller's environment, and over it the play's `environment:`, where K8S_AUTH_* often stands. `action`: an ActionBase."""
    environ = dict(os.environ)
    for level in action._task.environment or []:
        values = action._templar.template(level) if level else None
        if isinstance(values, Mapping):
            environ.update((str(key), str(value)) for key, value in values.items() if value is not None)
    return environ


def connect(options, environ, timeout=10.0):
    """Auth options (names of AUTH_SPEC, None where not given) and environment -> Api, nothing asked yet. Raises ClusterError.

    Order: the option, its K8S_AUTH_* variable, the files of KUBECONFIG or ~/.kube/config, the service account of the pod we run in.
    `timeout`: seconds for one answer. `close` the Api: the package keeps the kubeconfig's keys in temporary files, and would leave them
    there, because a forked Ansible worker ends without atexit.
    """
    wanted = settings(options, environ)
    source, path = _source(wanted, environ, "the task's options" if options.get("host") else "the K8S_AUTH_* variables")
    kubernetes = _client()
    remove_keys = getattr(kubernetes.config.kube_config, "_cleanup_temp_files", lambda: None)
    try:
        configuration = _loaded(kubernetes, wanted, source, path)
        pool = kubernetes.client.rest.RESTClientObject(configuration).pool_manager
    except Exception as error:
        remove_keys()
        if isinstance(error, ClusterError):
            raise
        raise ClusterError(f"{source} cannot be used: {flat(error)}; correct it, or name another with kubeconfig:") from error

    def close():
        pool.clear()
        remove_keys()

    return Api(configuration.host, pool, _headers(configuration, wanted), source, timeout, close)


def settings(options, environ):
    """Options and environment -> {option: value} of those that are set, by kubernetes.core's rules."""
    found = {}
    for name, spec in AUTH_SPEC.items():
        value = options.get(name)
        if value is None:
            keys = ["K8S_AUTH_" + each.upper() for each in [name] + spec.get("aliases", [])]
            value = next((environ[key] for key in keys if environ.get(key)), None)
            if value is not None and spec["type"] == "bool":
                value = value.strip().lower() not in ("0", "false", "no", "off")
            if value is not None and spec["type"] == "list":
                value = [part.strip() for part in value.split(",") if part.strip()]
        if value is not None and value != "" and value != []:
            found[name] = value
    return found


def printable_url(url):
    """A server's address without the user and password somebody may have put into it."""
    return re.sub(r"//[^/@]*@", "//", url.rstrip("/"))


def _source(wanted, environ, given_by):
    """-> (the source of the credentials in words, kubeconfig path or dict, or None).

    Raises ClusterError for a file that is not there, and when no cluster is configured.
    """
    given = wanted.get("kubeconfig")
    if isinstance(given, dict):
        return "the option kubeconfig", given
    if given:
        return _readable(os.path.expanduser(str(given)))
    own = "api_key" in wanted or "client_cert" in wanted or "username" in wanted and "password" in wanted
    if "host" in wanted and own:
        return given_by, None
    default = environ.get("KUBECONFIG") or os.path.join("~", ".kube", "config")
    paths = [os.path.expanduser(part) for part in default.split(os.pathsep) if part]
    there = [part for part in paths if os.path.exists(part)]
    if there:
        for part in there:
            _readable(part)
        return "kubeconfig " + os.pathsep.join(there), os.pathsep.join(there)
    if environ.get("KUBECONFIG"):
        raise ClusterError(f"KUBECONFIG names {environ['KUBECONFIG']}, which does not exist; correct it, or pass kubeconfig:")
    if environ.get("KUBERNETES_SERVICE_HOST") and os.path.exists(_SERVICE_ACCOUNT):
        return _IN_POD, None
    if "host" in wanted:
        raise ClusterError(f"there are no credentials for {printable_url(wanted['host'])}; set api_key: (K8S_AUTH_API_KEY), "
                           "or client_cert: and client_key:")
    raise ClusterError("no cluster is configured: ~/.kube/config does not exist, and neither KUBECONFIG nor K8S_AUTH_KUBECONFIG is set. "
                       "Pass kubeconfig:, or set K8S_AUTH_HOST and K8S_AUTH_API_KEY")


def _readable(path):
    try:
        with open(path, "rb") as file:
            file.read(1)
    except FileNotFoundError:
        raise ClusterError(f"kubeconfig {path} does not exist; correct kubeconfig: or K8S_AUTH_KUBECONFIG") from None
    except OSError as error:
        raise ClusterError(f"kubeconfig {path} cannot be read: {error.strerror}; run as a user who may read it, or name another") from error
    return f"kubeconfig {path}", path


def _client():
    try:
        import kubernetes.client
        import kubernetes.client.rest
        import kubernetes.config.kube_config
    except ImportError as error:
        raise ClusterError(f"the Python package kubernetes is missing for {sys.executable} ({error}); install it with "
                           f"{sys.executable} -m pip install kubernetes, or unset the cluster's configuration") from error
    return kubernetes


def _loaded(kubernetes, wanted, source, path):
    """-> kubernetes.client.Configuration with all settings."""
    configuration = kubernetes.client.Configuration()
    if path is not None:
        said = _load_kubeconfig(kubernetes, path, wanted, source, configuration)
        if said and not configuration.api_key and not configuration.cert_file and not {"api_key", "client_cert"} & set(wanted):
            raise ClusterError(f"{source} gives no credentials: {said}; run its exec command by hand, or log in again")
    elif source == _IN_POD:
        kubernetes.config.load_incluster_config(client_configuration=configuration)
    for option, field in _FIELDS.items():
        if option in wanted:
            setattr(configuration, field, os.path.expanduser(wanted[option]) if AUTH_SPEC[option]["type"] == "path" else wanted[option])
    for field, what in (("ssl_ca_cert", "CA certificate"), ("cert_file", "client certificate"), ("key_file", "client key")):
        name = getattr(configuration, field)
        if name and not os.access(name, os.R_OK):
            raise ClusterError(f"{name}, the {what} of {source}, does not exist or cannot be read; correct the path or its permissions")
    if not configuration.verify_ssl:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # it was the user's wish
    if "api_key" in wanted:
        configuration.api_key = {"authorization": "Bearer " + wanted["api_key"]}
        configuration.refresh_api_key_hook = None  # it would put the kubeconfig's token back
    if not configuration.host.startswith(("http://", "https://")):
        raise ClusterError(f"{printable_url(configuration.host)} in {source} is no address of an API server; "
                           "write it as https://HOST:6443")
    return configuration


def _load_kubeconfig(kubernetes, path, wanted, source, configuration):
    """Fill the configuration; -> what the client logged meanwhile (a failing exec plugin is only logged), as one line."""
    said, failed = _Said(), []

    def load():
        how = {"context": wanted.get("context"), "client_configuration": configuration,
               "persist_config": wanted.get("persist_config", False)}
        try:
            if isinstance(path, dict):
                kubernetes.config.load_kube_config_from_dict(config_dict=path, **how)
            else:
                kubernetes.config.load_kube_config(config_file=path, **how)
        except Exception as error:  # any kind: a file by hand goes through a parser, base64 and dictionaries
            failed.append(error)

    root = logging.getLogger()
    root.addHandler(said)
    try:
        # in a thread, because the package gives an exec plugin all the time in the world
        work = threading.Thread(target=load, daemon=True)
        work.start()
        work.join(CREDENTIALS_S)
    finally:
        root.removeHandler(said)
    if work.is_alive():
        raise ClusterError(f"the exec command of {source} gave no credentials within {CREDENTIALS_S:g} s; run it by hand, or log in again")
    if failed:
        error = failed[0]
        mark = getattr(error, "problem_mark", None)  # YAML errors quote the text, and the text may be a token
        if mark is not None:
            why = f"line {mark.line + 1} is no YAML"
        elif isinstance(error, kubernetes.config.ConfigException):
            absent = wanted.get("context") and "contexts list" in str(error)
            why = f"it has no context {wanted['context']}" if absent else re.sub(r"^Invalid kube-config( file)?\. ", "", flat(error))
        else:
            why = f"it is no kubeconfig ({type(error).__name__})"
        raise ClusterError(f"{source} cannot be used: {why}; correct it, or name another with kubeconfig:")
    return "; ".join(said.lines)


class _Said(logging.Handler):
    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines = []

    def emit(self, record):
        self.lines.append(flat(record.getMessage()))


def _headers(configuration, wanted):
    """-> function giving the headers of a request; the token is asked for each time, since it may be renewed."""
    import urllib3

    fixed = urllib3.HTTPHeaderDict()
    if "impersonate_user" in wanted:
        fixed["Impersonate-User"] = wanted["impersonate_user"]
    for group in wanted.get("impersonate_groups", []):
        fixed.add("Impersonate-Group", group)
    if "username" in wanted and "password" in wanted:
        fixed.update(urllib3.make_headers(basic_auth=f"{wanted['username']}:{wanted['password']}"))

    def headers():
        found = fixed.copy()
        for auth in configuration.auth_settings().values():
            if auth["in"] == "header" and auth["value"]:
                found[auth["key"]] = auth["value"].strip()  # a token that was read from a file ends with its line
        return found

    return headers
