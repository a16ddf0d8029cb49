#!/bin/sh
# Outlives the process that started it: when that ends, however it ends, this script's input closes; then it kills
# the processes whose ids are in <folder>/*.pid, with their children, and removes the folder.
folder=$1
cat >/dev/null

for file in "$folder"/*.pid; do
  if [ ! -s "$file" ]; then continue; fi
  pid=$(cat "$file")
  # Standing still, it has no child that is not seen.
  kill -STOP "$pid"
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    # After the program's name, which stands in brackets: the state, the parent.
    set -- ${line##*) }
    child=${stat#/proc/}
    if [ "$2" = "$pid" ]; then kill -KILL "${child%/stat}"; fi
  done
  kill -KILL "$pid"
done
# What has just been killed may still be writing.
rm -rf "$folder" || { sleep 1 && rm -rf "$folder"; }
