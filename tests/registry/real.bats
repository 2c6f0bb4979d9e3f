#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Against docker-registry as Debian has it: in the clear on this machine, with TLS and passwords, and
# with a token service.

load ../lib/registry

begin_with_tokens() {
	tokens_begin
	export DRIVE_CERTS=$T/certs
}

@test "in the clear: what was pushed is pulled" {
	real_begins
	ok drive push "$HOST/a/app:1" "$IMAGE"
	says "${BIG:0:12} uploaded 3000000*"
	ok drive pull "$HOST/a/app:1" "$OUT"
	is_whole
	ok drive head "$HOST/a/app:1"
	says "$DIGEST application/vnd.oci.image.manifest.v1+json *"
	ok drive manifest "$HOST/a/app@$DIGEST"
	says "$DIGEST *"
}

@test "what is there is not sent again, and can be had from another repository" {
	real_begins
	ok drive push "$HOST/a/app:1" "$IMAGE"
	ok drive push "$HOST/a/app:2" "$IMAGE"
	says "${BIG:0:12} existed 3000000*"
	ok drive push "$HOST/b/app:1" "$IMAGE" a/app
	says "${BIG:0:12} mounted 3000000*"
	ok drive tags "$HOST/a/app"
	is $'1\n2' "$(sort <<<"$output")"
	ok drive search "$HOST" b/
	is "$HOST/b/app"
}

@test "in chunks" {
	real_begins
	DRIVE_CHUNK=500000 ok drive push "$HOST/a/app:1" "$IMAGE"
	says "${BIG:0:12} uploaded 3000000*"
	ok drive pull "$HOST/a/app:1" "$OUT"
	is_whole
}

@test "a partial file is resumed" {
	real_begins
	ok drive push "$HOST/a/app:1" "$IMAGE"
	head -c 1234567 "$IMAGE/$BIG" >"$OUT/$BIG"
	ok drive pull "$HOST/a/app:1" "$OUT"
	says "${BIG:0:12} whole 3000000 restarts=0*"
	is_whole
}

@test "a certificate that nobody vouches for is not accepted, but with --tls-verify=false" {
	make_certificate
	real_begins "$TLS"
	fails drive push "$HOST/a/app:1" "$IMAGE"
	says '*certificate*hint: *certs.d*'
	DRIVE_TLS=insecure ok drive push "$HOST/a/app:1" "$IMAGE"
	DRIVE_CERTS=$T/certs ok drive manifest "$HOST/a/app:1"
	printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$HOST" >"$CONTAINERS_REGISTRIES_CONF"
	ok drive manifest "$HOST/a/app:1"
	DRIVE_TLS=verify fails drive manifest "$HOST/a/app:1"
}

@test "http is not for those that nobody calls insecure" {
	real_begins '.http.addr = "0.0.0.0:\($host | split(":")[1])"'
	ip address add 10.98.0.1/32 dev lo
	HOST=10.98.0.1:${HOST#*:}
	fails drive push "$HOST/a/app:1" "$IMAGE"
	DRIVE_TLS=insecure ok drive push "$HOST/a/app:1" "$IMAGE"
	ip address del 10.98.0.1/32 dev lo
}

@test "a client that shows a certificate" {
	make_certificate
	real_begins "$TLS"' | .http.tls.clientcas = ["\($t)/ca.crt"]'
	DRIVE_CERTS=$T/certs fails drive manifest "$HOST/a/app:1"
	cp "$T/tls.crt" "$T/certs/client.cert"
	cp "$T/tls.key" "$T/certs/client.key"
	DRIVE_CERTS=$T/certs ok drive push "$HOST/a/app:1" "$IMAGE"
}

@test "passwords: login, logout, and words without one" {
	passwords_begin
	fails drive push "$HOST/a/app:1" "$IMAGE"
	says "*it wants a login (401)*'tare login $HOST'*"
	fails drive login "$HOST" user wrong
	says '*it wants a login (401*'
	[[ ! -e $REGISTRY_AUTH_FILE ]]
	ok drive login "$HOST" user pass
	is "$(stat -c %a "$REGISTRY_AUTH_FILE")" 600
	ok drive whoami "$HOST"
	is user
	ok drive push "$HOST/a/app:1" "$IMAGE"
	ok drive pull "$HOST/a/app:1" "$OUT"
	is_whole
	ok drive logout "$HOST"
	fails drive logout "$HOST"
	fails drive manifest "$HOST/a/app:1"
	DRIVE_CREDS_USER=user DRIVE_CREDS_PASSWORD=pass ok drive manifest "$HOST/a/app:1"
}

@test "tokens: a scope for each repository" {
	begin_with_tokens
	fails drive push "$HOST/public/app:1" "$IMAGE"
	says "*it wants a login (401, UNAUTHORIZED*'tare login $HOST'*"
	fails drive login "$HOST" user wrong
	says '*incorrect username or password*'
	ok drive login "$HOST" user pass
	ok drive push "$HOST/public/app:1" "$IMAGE"
	ok drive push "$HOST/private/app:1" "$IMAGE" public/app
	says "${BIG:0:12} mounted 3000000*"
	ok drive logout "$HOST"
	ok drive pull "$HOST/public/app:1" "$OUT"
	is_whole
	fails drive manifest "$HOST/private/app:1"
	says '*it wants a login (401, UNAUTHORIZED*'
}

@test "what podman and skopeo keep and push is used, and the other way round" {
	passwords_begin
	ok drive login "$HOST" user pass
	ok drive push "$HOST/a/app:1" "$IMAGE"
	ok skopeo inspect --raw "docker://$HOST/a/app:1"
	is "$(cat "$IMAGE/manifest.json")"
	ok skopeo copy --preserve-digests "docker://$HOST/a/app:1" "docker://$HOST/a/copy:1"
	ok skopeo logout "$HOST"
	fails drive manifest "$HOST/a/copy:1"
	ok skopeo login -u user -p pass "$HOST"
	ok drive pull "$HOST/a/copy:1" "$OUT"
	is_whole
}
