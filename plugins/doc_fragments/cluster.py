# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that say which cluster, and with which credentials. Names, aliases and variables are those of kubernetes.core."""


class ModuleDocFragment:

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig file, or its content as a dictionary.
      - Without it, E(K8S_AUTH_KUBECONFIG) counts. With neither, and without O(host) and credentials of its own, the files that
        E(KUBECONFIG) names, or C(~/.kube/config), are taken, and after them the service account of the pod that Ansible runs in.
    type: raw
  context:
    description:
      - Context of the kubeconfig to use instead of its current one. Also E(K8S_AUTH_CONTEXT).
    type: str
  host:
    description:
      - Address of the API server, such as V(https://10.0.0.1:6443). Also E(K8S_AUTH_HOST).
      - With O(api_key), with O(client_cert), or with O(username) and O(password), no kubeconfig is read.
    type: str
  api_key:
    description:
      - Bearer token. Also E(K8S_AUTH_API_KEY).
    type: str
  username:
    description:
      - User for HTTP basic authentication, where a proxy before the API server still asks for it. Also E(K8S_AUTH_USERNAME).
    type: str
  password:
    description:
      - Password for O(username). Also E(K8S_AUTH_PASSWORD).
    type: str
  validate_certs:
    description:
      - Whether the API server's certificate must be valid. Also E(K8S_AUTH_VERIFY_SSL).
      - Where this is not set, the kubeconfig decides; without one it must be valid.
    type: bool
    aliases: [verify_ssl]
  ca_cert:
    description:
      - Path of the CA certificates that the API server's certificate must lead to. Also E(K8S_AUTH_SSL_CA_CERT).
    type: path
    aliases: [ssl_ca_cert]
  client_cert:
    description:
      - Path of a client certificate. Also E(K8S_AUTH_CERT_FILE).
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the key of O(client_cert). Also E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  proxy:
    description:
      - URL of an HTTP proxy on the way to the API server. Also E(K8S_AUTH_PROXY).
    type: str
  no_proxy:
    description:
      - Hosts, domains and networks, separated by commas, that are reached without O(proxy). Also E(K8S_AUTH_NO_PROXY).
    type: str
  impersonate_user:
    description:
      - User to act as. Also E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description:
      - Groups to act as. Also E(K8S_AUTH_IMPERSONATE_GROUPS), separated by commas.
    type: list
    elements: str
  persist_config:
    description:
      - Whether a token that was renewed on the way is written back to the kubeconfig. Also E(K8S_AUTH_PERSIST_CONFIG).
      - By default nothing is written.
    type: bool
requirements:
  - kubernetes >= 24.2.0, in the Python that runs Ansible
notes:
  - The options are the same in all modules of the action group C(kubetriage.node.cluster), so that C(module_defaults) can set them once.
"""
