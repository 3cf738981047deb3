#!/bin/bash
# Runs the guestbook on this machine: PostgreSQL, `guestbook app` and `guestbook web`, with TLS between
# them as in the cloud. Needs Go, openssl and PostgreSQL's programs. Ctrl-C ends it and leaves nothing.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$PATH:$(printf '%s:' /usr/lib/postgresql/*/bin)

for program in go openssl initdb postgres; do
  command -v "$program" >/dev/null || { echo "laptop.sh: $program is not on PATH; install it" >&2; exit 1; }
done
[[ $EUID != 0 ]] || { echo "laptop.sh: PostgreSQL does not run as root; use another account" >&2; exit 1; }

dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
trap 'exit 0' INT TERM

# An authority for this run, and a certificate of it for localhost.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj "/CN=guestbook laptop" \
  -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" \
  -keyout "$dir/localhost.key" -out "$dir/localhost.csr" 2>/dev/null
openssl x509 -req -in "$dir/localhost.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 1 \
  -extfile <(echo "subjectAltName=DNS:localhost") -out "$dir/localhost.crt" 2>/dev/null
chmod 0600 "$dir/localhost.key"

password=$(openssl rand -hex 16)
echo "$password" >"$dir/password"
echo "{\"username\": \"guestbook\", \"password\": \"$password\"}" >"$dir/secret.json"
initdb -D "$dir/data" -U guestbook --auth=scram-sha-256 --pwfile="$dir/password" >/dev/null
postgres -D "$dir/data" -p 54320 -c listen_addresses=localhost -c unix_socket_directories="$dir" -c ssl=on \
  -c ssl_cert_file="$dir/localhost.crt" -c ssl_key_file="$dir/localhost.key" 2>"$dir/postgres.log" &

CGO_ENABLED=0 go build -o "$dir/guestbook" .
export DATABASE_HOST=localhost DATABASE_PORT=54320 DATABASE_NAME=postgres \
  DATABASE_CA_FILE=$dir/ca.pem DATABASE_SECRET_FILE=$dir/secret.json
until "$dir/guestbook" migrate 2>"$dir/migrate.log"; do sleep 0.2; done
LISTEN_ADDRESS=localhost:9443 TLS_CERTIFICATE_FILE=$dir/localhost.crt TLS_KEY_FILE=$dir/localhost.key "$dir/guestbook" app &
LISTEN_ADDRESS=localhost:8443 APP_URL=https://localhost:9443 APP_CA_FILE=$dir/ca.pem "$dir/guestbook" web &
echo "The guestbook is at https://localhost:8443 (the browser does not know its certificate). Ctrl-C ends it."
wait -n
