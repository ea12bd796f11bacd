# For scripts that start a node and talk to it: sourced, never run. What they start is ended when they end.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/headway-started.XXXXXX")
started=()
finish() {
  [ "${#started[@]}" -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
  wait
  rm -rf "$scratch"
}
trap finish EXIT

# said FILE PATTERN PROGRAM: what a program that was started says of itself, as soon as it does.
said() {
  for _ in $(seq 300); do
    grep -aoEm1 "$2" "$1" && return
    kill -0 "$3" 2>/dev/null || break
    sleep 0.1
  done
  cat "$1" >&2
  return 1
}

# serve MODEL: builds and starts a node on a free port of loopback with one model, given as the feature file has it; its address is in $node then.
serve() {
  dotnet build src/Headway.Server -c Release -v quiet -nologo
  cat >"$scratch/headway.yaml" <<YAML
server: { listen: http://127.0.0.1:0, database: "sqlite:$scratch/headway.db" }
defaults: { retention: { payload: 1h } }
models:
  $1
YAML
  dotnet src/Headway.Server/bin/Release/net10.0/Headway.Server.dll serve --file "$scratch/headway.yaml" >"$scratch/node.log" 2>&1 &
  started+=($!)
  node=$(said "$scratch/node.log" 'http://127\.0\.0\.1:[1-9][0-9]*' $!)
}
