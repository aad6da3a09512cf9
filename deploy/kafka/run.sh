#!/bin/sh
# run.sh FOLDER JARS SCRAM SETTING ...: Kafka with its data in FOLDER, which is formatted the first time, from a folder of jars.
# SCRAM, which may be empty, is a user to begin with, as Kafka's `format --add-scram` takes him; settings are those of the file
# beside this, and the words.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 jars=$2 scram=$3
shift 3
cd "$folder"
echo $$ > kafka.pid
{ cat "$here/server.properties"; printf '%s\n' "$@"; } > server.properties

# The first compiler alone, which starts sooner.
set -- -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
  "-Dlog4j2.configurationFile=$here/log4j2.properties" -cp "$jars/*"
if [ ! -f data/meta.properties ]; then
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 1-22)
  java "$@" kafka.tools.StorageTool format --cluster-id="$id" --config server.properties ${scram:+--add-scram "$scram"}
fi
exec java "$@" kafka.Kafka "$folder/server.properties"
