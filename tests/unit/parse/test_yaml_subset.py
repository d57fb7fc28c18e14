# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import yaml_subset

KUBECONFIG = """\
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t==
    server: https://10.0.0.1:6443
  name: kubernetes
contexts:
- context: {cluster: kubernetes, user: "system:node:w2"}
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: "system:node:w2"
  user:
    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
    exec:
      args:
        - get-token
        - --cluster-name
        - prod
      command: aws   # EKS
      env: null
"""
KUBELET = """\
# written by kubeadm
---
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous: {enabled: false}
  webhook:
    cacheTTL: 0s
    enabled: true
cgroupDriver: systemd
clusterDNS: [10.96.0.10, "fd00::a"]
evictionHard:
  memory.available: 100Mi
  nodefs.available: "10%"
evictionSoft: {}
failSwapOn: no
kubeReserved:
    cpu: 100m
    memory: 1Gi
cgroupRoot: ""
maxPods: 110
mode: 0644
text: |
  a
   b

  c
fold: >-
  one
  two

  three
multi: this goes
  on here
url: http://a:b/c#d
quoted: 'it''s'
list:
  -
    a: 1
  - - 1
    - 2
  - "q: r"
empty:
last: 1.5
...
---
second: document
"""


@pytest.mark.parametrize("text", [
    KUBECONFIG, KUBELET, '{"a": {"b":[1,2,{"c":null}],"d":"x: y\\u00e4"},\n "e":true }', "- a\n- b: c\n"
    "  d: e\n", "text", "", "# only a comment", "a:\n- 1\n- 2\nb: 3",
    'a: "x\n  y"\nb: 2', "a: |+\n  x\n\nb: |\n  y\n", "'a b': 1\r\nc: 2\r\n", "a: [1,\n  2, # two\n  3]\n", "a: -1\nb: 0x1F\nc: 1.0e+3\n"
    "d: ~\ne: '1'\n", "a: {b: [], c: {}}",
])
def test_like_pyyaml(text):
    assert yaml_subset.load(text) == next(iter(yaml.safe_load_all(text)), None)


@pytest.mark.parametrize("text, line", [
    ("a: &x 1", 1), ("b: 1\na: *x", 2), ("a: !!str 1", 1), ("a:\n\tb: 1", 2), ("a: b: c", 1), ("a: [1, 2", 1), ("a: {b: 1]", 1),
    ("a: 1\n  b: 2", 2), ("  a: 1\nb: 2", 2),
    ("a: 'x", 1), ("? a\n: b", 1), ("a: 1\n- b", 2), ("[" * 500, 1), ("- " * 500, 1), ("a: @x", 1), ("{a: 1}}", 1), ("a: |x", 1),
])
def test_refused(text, line):
    with pytest.raises(ValueError, match="line %d: " % line):
        yaml_subset.load(text)


_text = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="\x7f\x85\xa0"), max_size=12)
_data = st.recursive(
    st.none() | st.booleans() | st.integers(-10**9, 10**9) | _text,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(_text.filter(bool), part, max_size=4),
    max_leaves=15)


@settings(max_examples=150)
@given(_data, st.booleans())
def test_what_pyyaml_writes(data, flow):
    assert yaml_subset.load(yaml.safe_dump(data, default_flow_style=flow, width=1000)) == data


@given(st.text() | st.lists(st.sampled_from(["a: ", "- ", "\n", "  ", '"', "'", "{", "}", "[", "]", ",", ":", "#", "|", ">-", "x", "---\n",
                                             "\\", "? "]), max_size=40).map("".join))
def test_any_text(text):
    try:
        yaml_subset.load(text)
    except ValueError as error:
        assert str(error).startswith("line ")
