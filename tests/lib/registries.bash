# SPDX-License-Identifier: Apache-2.0
#
# Registries on this machine, on top of oci.bash: one that misbehaves, and docker-registry. The words:
#
#	make_certificate     an authority and a certificate for 127.0.0.1 in $T: ca.crt, tls.*
#	bad_begins [CERTIFICATE KEY]
#	                     start the registry that misbehaves, with the image in $IMAGE (manifest.json,
#	                     and blobs by their digests' digits): $HOST, $LOG
#	real_begins [FILTER] start docker-registry: $HOST; a filter of jq changes its configuration
#	passwords_begin      the same with TLS, for "user" with "pass" alone; certs.d has its authority
#	tokens_begin         the same with TLS and a token service: everybody may pull below public/
#	asked N[-M] PATTERN  such requests were noted in $LOG, so many

make_certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout "$T/ca.key" \
		-out "$T/ca.crt" 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -subj /CN=registry -keyout "$T/tls.key" \
		-out "$T/tls.csr" 2>/dev/null
	openssl x509 -req -in "$T/tls.csr" -CA "$T/ca.crt" -CAkey "$T/ca.key" -days 2 \
		-extfile <(echo 'subjectAltName=IP:127.0.0.1') -out "$T/tls.crt" 2>/dev/null
	mkdir "$T/certs"
	cp "$T/ca.crt" "$T/certs"
}

bad_begins() {
	ip link set lo up # of the file's own network
	mkdir "$T/bad"
	cp "$IMAGE"/* "$T/bad"
	: >"$LOG"
	"$TESTS/lib/badregistry" "$T/bad" "$@" >"$T/bad.port" 3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	wait_until test -s "$T/bad.port"
	HOST=127.0.0.1:$(cat "$T/bad.port")
}

# shellcheck disable=SC2034 # that it opens is all
answers() { (exec {fd}<>"/dev/tcp/${1%:*}/${1#*:}") 2>/dev/null; }

real_begins() {
	ip link set lo up
	HOST=127.0.0.1:$((5000 + BATS_TEST_NUMBER))
	jq -n --arg t "$T" --arg host "$HOST" '{
		version: 0.1, storage: {filesystem: {rootdirectory: "\($t)/store"}},
		http: {addr: $host}, log: {level: "error"}
	} | '"${1-.}" >"$T/registry.yml"
	# It takes what begins with REGISTRY_ for settings of its own.
	env -u REGISTRY_AUTH_FILE docker-registry serve "$T/registry.yml" >"$T/registry.log" 2>&1 \
		3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	wait_until answers "$HOST" || { cat "$T/registry.log"; false; }
}

# "pass" of "user", by bcrypt.
HTPASSWD='user:$2y$05$abcdefghijklmnopqrstuuZFBUbfXoM8LFiPx8LYlO/sXZB/Cwk3K'

TLS='.http.tls = {certificate: "\($t)/tls.crt", key: "\($t)/tls.key"}'

trust() {
	mkdir -p "$T/.config/containers/certs.d/$HOST"
	cp "$T/ca.crt" "$T/.config/containers/certs.d/$HOST"
}

passwords_begin() {
	make_certificate
	echo "$HTPASSWD" >"$T/htpasswd"
	real_begins "$TLS"' | .auth.htpasswd = {realm: "a realm", path: "\($t)/htpasswd"}'
	trust
}

tokens_begin() {
	local port=$((6000 + BATS_TEST_NUMBER))

	make_certificate
	"$TESTS/lib/tokens" "$port" "$T/tls.crt" "$T/tls.key" 3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	real_begins "$TLS"' | .auth.token = {
		realm: "https://127.0.0.1:'"$port"'/token", service: "the tests", issuer: "tests",
		rootcertbundle: "\($t)/ca.crt"}'
	wait_until answers "127.0.0.1:$port"
	trust
}

asked() {
	local n

	n=$(grep -cE -- "$2" "$LOG") || true
	((n >= ${1%-*} && n <= ${1#*-})) || {
		echo "asked $n times, not $1: $2" && cat "$LOG" && return 1
	}
}
