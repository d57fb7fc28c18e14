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
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urlsplit

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
CONNECT_S = 5.0
CREDENTIALS_S = 20.0  # a kubeconfig may start a program (exec) to get a token
_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_HELP = "pass kubeconfig: or set K8S_AUTH_HOST and K8S_AUTH_API_KEY to include it"


class ClusterError(Exception):
    """The cluster cannot be asked at all; the text is one sentence for the user: what is wrong, and what to do."""


class NoCluster(ClusterError):
    """No cluster is configured."""


class ReadFailed(Exception):
    """The API server answered, but not with what was asked. `status` is the HTTP status."""

    def __init__(self, why, status):
        super().__init__(why)
        self.status = status


class Api:
    """One API server, read only: `get` may be called from several threads."""

    def __init__(self, server, pool, headers, source, timeout, close):
        self.server = printable_url(server)
        self._base = server.rstrip("/")
        self._pool, self._headers, self._source, self._timeout, self.close = pool, headers, source, timeout, close
        self.ahead_s = None  # the server's clock minus ours, told by its first answer
        self.requests = 0

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def get(self, path, query=(), accept="application/json"):
        """GET -> the answer's JSON object. Raises ReadFailed for an answer that is none, ClusterError when there is no answer or no access."""
        import urllib3

        url = self._base + path + ("?" + urlencode(list(query)) if query else "")
        headers = self._headers()
        headers["Accept"] = accept
        headers["User-Agent"] = "kubetriage.node"
        self.requests += 1
        try:
            answer = self._pool.request("GET", url, headers=headers, retries=False, redirect=False,
                                        timeout=urllib3.Timeout(connect=min(CONNECT_S, self._timeout), read=self._timeout))
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise ClusterError(self._no_answer(error)) from error
        self._compare_clocks(answer.headers.get("date"))
        if answer.status == 401:
            raise ClusterError(f"the API server {self.server} does not accept the credentials of {self._source} (401): an expired or a foreign "
                               "cluster's token or certificate; renew them")
        if answer.status == 400 and b"HTTP request to an HTTPS server" in answer.data:
            raise ClusterError(f"the API server {self.server} wants TLS; write https:// in {self._source}")
        try:
            content = json.loads(answer.data)
        except ValueError:
            content = None
        if answer.status == 200 and isinstance(content, dict):
            return content
        raise ReadFailed(_refusal(answer.status, content), answer.status)

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

    def _no_answer(self, error):
        """An exception of urllib3, ssl or the system -> the sentence."""
        import urllib3.exceptions as failed

        text, where, source = _flat(error), f"the API server {self.server}", self._source
        if isinstance(error, failed.ProxyError):
            return f"the proxy on the way to {where} failed ({_reason(text)}); correct proxy: or no_proxy:, or unset HTTPS_PROXY"
        if isinstance(error, failed.SSLError):
            return self._no_tls(text)
        if isinstance(error, OSError) and error.filename:
            return f"{error.filename}, named by {source}, cannot be read: {error.strerror}; correct the path or its permissions"
        if re.search(r"Failed to resolve|getaddrinfo|[Nn]ame or service not known|name resolution|nodename nor servname", text):
            return f"the name {urlsplit(self._base).hostname} of {where} cannot be resolved on this machine; correct it in {source}, or this machine's DNS"
        if "refused" in text:
            return f"{where} refused the connection: nothing listens there; start kube-apiserver or its load balancer, or correct the address in {source}"
        if "No route to host" in text or "unreachable" in text:
            return (f"there is no way from this machine to {where} ({_reason(text)}): host or link down, or a route or VPN missing; bring it up, "
                    f"or correct the address in {source}")
        if isinstance(error, failed.ReadTimeoutError):
            return f"{where} took the connection, but gave no answer within {self._timeout:g} s; look at its load and its etcd, or raise timeout:"
        if isinstance(error, failed.ConnectTimeoutError):
            return (f"{where} did not answer within {min(CONNECT_S, self._timeout):g} s: host down, or a firewall on the way from this machine; "
                    f"try curl -k {self.server}/livez here, or correct the address in {source}")
        return f"{where} does not answer as one does ({_reason(text)}); correct the address or the proxy in {source}"

    def _no_tls(self, text):
        where, source = f"the API server {self.server}", self._source
        if re.search(r"wrong.version.number|record layer|packet length too long|http request", text, re.IGNORECASE):
            return f"{where} does not speak TLS; correct the scheme or the port in {source}"
        if re.search(r"PEM lib|KEY_VALUES_MISMATCH|EE_KEY|CA_MD|no start line", text, re.IGNORECASE):
            return f"the client certificate or key of {source} is damaged, or they do not belong together ({_reason(text)}); get new ones"
        if "NO_CERTIFICATE_OR_CRL_FOUND" in text:
            return f"the CA file of {source} holds no certificate; name the cluster's CA with ca_cert: or K8S_AUTH_SSL_CA_CERT"
        if re.search(r"alert|handshake failure|EOF occurred", text, re.IGNORECASE):
            return f"{where} broke off the TLS handshake ({_reason(text)}); check the client certificate of {source}, and what stands between"
        return (f"the certificate of {where} is not trusted ({_reason(text)}); name the cluster's CA with ca_cert: or K8S_AUTH_SSL_CA_CERT, "
                f"or correct the host name in {source}")


def connect(options, environ, timeout=10.0):
    """Auth options (names of AUTH_SPEC, None where not given) and environment -> Api, nothing asked yet. Raises ClusterError.

    Order: the option, its K8S_AUTH_* variable, then the files of KUBECONFIG or ~/.kube/config, then the service account of the pod we run in.
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
        raise ClusterError(f"{source} cannot be used: {_flat(error)}; correct it, or name another with kubeconfig:") from error

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
            value = next((environ[key] for key in ["K8S_AUTH_" + each.upper() for each in [name] + spec.get("aliases", [])] if environ.get(key)), None)
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
    """-> (the source of the credentials in words, kubeconfig path or dict, or None). Raises NoCluster, or ClusterError for a file that is not there."""
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
        return "this pod's service account", None
    if "host" in wanted:
        raise ClusterError(f"there are no credentials for {printable_url(wanted['host'])}; set api_key: (K8S_AUTH_API_KEY), or client_cert: and client_key:")
    raise NoCluster("no cluster is configured: ~/.kube/config does not exist, and neither KUBECONFIG nor K8S_AUTH_KUBECONFIG is set. "
                    f"Triage goes on without the control plane's view; {_HELP}")


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
    elif source == "this pod's service account":
        kubernetes.config.load_incluster_config(client_configuration=configuration)
    for option, field in (("host", "host"), ("validate_certs", "verify_ssl"), ("ca_cert", "ssl_ca_cert"), ("client_cert", "cert_file"),
                          ("client_key", "key_file"), ("proxy", "proxy"), ("no_proxy", "no_proxy")):
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
        raise ClusterError(f"{printable_url(configuration.host)} in {source} is no address of an API server; write it as https://HOST:6443")
    return configuration


def _load_kubeconfig(kubernetes, path, wanted, source, configuration):
    """Fill the configuration; -> what the client logged meanwhile (a failing exec plugin is only logged), as one line."""
    said, failed = _Said(), []

    def load():
        how = {"context": wanted.get("context"), "client_configuration": configuration, "persist_config": wanted.get("persist_config", False)}
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
            why = f"it has no context {wanted['context']}" if absent else re.sub(r"^Invalid kube-config( file)?\. ", "", _flat(error))
        else:
            why = f"it is no kubeconfig ({type(error).__name__})"
        raise ClusterError(f"{source} cannot be used: {why}; correct it, or name another with kubeconfig:")
    return "; ".join(said.lines)


class _Said(logging.Handler):
    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines = []

    def emit(self, record):
        self.lines.append(_flat(record.getMessage()))


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
                found[auth["key"]] = auth["value"]
        return found

    return headers


def _refusal(status, content):
    """HTTP status and the Status object of a refused read -> "forbidden: User ... cannot list resource ..."."""
    message = content.get("message") if isinstance(content, dict) else None
    if not isinstance(message, str):
        return f"the answer is no Kubernetes object (HTTP {status})"
    message = _flat(message)
    if status == 403:
        return "forbidden: " + re.sub(r"^\S+(?: \"[^\"]*\")? is forbidden: ", "", message)
    return f"HTTP {status}: {message}"


def _reason(text):
    """The part of an error's text that says why: of ssl, else of the system, else all of it."""
    for pattern in (r"certificate verify failed: ([^(\"]+)", r"(hostname '.*?' doesn't match.*)", r"\[SSL: ([A-Z0-9_]+)\]", r"\[Errno -?\d+\] ([^\"')]+)"):
        found = re.search(pattern, text)
        if found:
            return found.group(1).strip()
    return text.strip("()")


def _flat(error):
    """An error or text as one line of at most 300 characters, without the address of urllib3's object in front."""
    text = re.sub(r"<[\w.]+ object at 0x[0-9a-f]+>: |\w+\(host='[^']*', port=\d+\): ", "", str(error))
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:296] + " ..."
