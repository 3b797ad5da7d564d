#!/bin/sh
# run-by-name.sh KIND [NAME] [--rounds N] [--seed S] [--fresh]: a long run that tools/runs names.
#
# The rounds are cut into parts, each with the seeds behind those of the part before; .build/soak/KIND-NAME notes each finished part,
# and the next call of an unfinished run of the same commit goes on behind it (--fresh begins anew). At the
# end stands one line for docs/numbers.md: date, commit, run, rounds, seed, seconds.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=$root/.build
. "$root/tools/jdk.sh"
. "$root/tools/packages.sh"
. "$root/tools/maven.sh"
cd "$root" || exit 1

table=${ATOLL_RUNS:-$root/tools/runs}
kind=$1
shift
name='' rounds='' seed='' fresh=''
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2 && shift ;;
    --seed) seed=$2 && shift ;;
    --fresh) fresh=1 ;;
    -*)
      echo "dev $kind: unknown option $1 (--rounds N, --seed S, --fresh)" >&2
      exit 2
      ;;
    *) name=$1 ;;
  esac
  shift
done
for number in "$rounds" "$seed"; do
  case $number in
    *[!0-9]*)
      echo "dev $kind: not a whole number: $number" >&2
      exit 2
      ;;
  esac
done

found=
listed=
while read -r row_kind row_name row_module row_what row_rounds row_parts row_text; do
  [ "$row_kind" = "$kind" ] || continue
  listed="$listed$(printf '  %-16s %9s rounds  %s' "$row_name" "$row_rounds" "$row_text")
"
  if [ "$row_name" = "$name" ]; then
    found=1 module=$row_module what=$row_what parts=$row_parts
    rounds=${rounds:-$row_rounds}
  fi
done <"$table"
if [ -z "$found" ]; then
  [ -z "$name" ] || echo "dev $kind: no run named $name" >&2
  echo "./dev $kind NAME [--rounds N] [--seed S] [--fresh], with NAME one of:"
  printf '%s' "${listed:-  (none yet)
}"
  [ -z "$name" ] || exit 2
  exit 0
fi

find_jdk 25 javac || {
  explain_no_jdk 25 javac
  exit 1
}
need_tools 'the build' mvn || exit 1
# The program first, with its supervisor: runs of the whole system start ./atoll, and must not build again.
"$root/tools/build.sh" || exit 1
export ATOLL_NO_BUILD=1
commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || commit=unknown
[ -z "$(git status --porcelain 2>/dev/null | head -n 1)" ] || commit=$commit+
state=$build/soak/$kind-$name
mkdir -p "$build/soak"

# State: commit, seed, rounds, parts, parts done, seconds so far.
done_parts=0 spent=0
if [ -z "$fresh" ] && [ -z "$seed" ] && [ -r "$state" ]; then
  read -r old_commit old_seed old_rounds old_parts old_done old_spent <"$state"
  if [ "$old_commit" = "$commit" ] && [ "$old_rounds" = "$rounds" ] && [ "$old_done" -lt "$old_parts" ]; then
    seed=$old_seed parts=$old_parts done_parts=$old_done spent=$old_spent
    echo "Resuming $kind $name behind part $done_parts of $parts"
  fi
fi
[ -n "$seed" ] || seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
[ "$rounds" -ge "$parts" ] || parts=1
echo "$kind $name: $rounds rounds in $parts part(s), seed $seed, commit $commit, $(date -u +%Y-%m-%dT%H:%MZ)"

# A simulation counts seeds (-Datoll.sim.seeds, -Datoll.sim.seed), everything else rounds.
if [ "$kind" = sim ]; then family=sim; else family=fuzz; fi

run_part() {
  part_log=$build/soak/$kind-$name.log
  case $what in
    test:*)
      run_maven "$part_log" test -pl "$module" -am "-Dtest=${what#test:}" -Dsurefire.failIfNoSpecifiedTests=false \
        "-Datoll.$family.rounds=$part_rounds" "-Datoll.$family.seeds=$part_rounds" "-Datoll.$family.seed=$part_seed" 2>/dev/null
      result=$?
      sed "s/$(printf '\033')\[[0-9;]*m//g" "$part_log" | grep -vE '^\[INFO\]|^$' | tail -n 40
      # Names that match no test would pass for ever.
      if [ "$result" = 0 ] && ! grep -qE 'Tests run: [1-9]' "$part_log"; then
        echo "dev $kind: ${what#test:} matched no test in $module"
        return 1
      fi
      return "$result"
      ;;
    main:*)
      run_maven "$part_log" test-compile dependency:build-classpath -pl "$module" -am -Dmdep.includeScope=test \
        "-Dmdep.outputFile=target/test-classpath" 2>/dev/null || return 1
      "$jdk/bin/java" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED "-Datoll.root=$root" \
        "-Datoll.launcher=$root/atoll" "-Datoll.$family.rounds=$part_rounds" "-Datoll.$family.seed=$part_seed" \
        -cp "$module/target/classes:$module/target/test-classes:$(cat "$module/target/test-classpath")" "${what#main:}" "$part_rounds" "$part_seed"
      ;;
    script:*)
      "$root/${what#script:}" "$part_rounds" "$part_seed"
      ;;
    *)
      echo "dev $kind: tools/runs says '$what' for $name; it must begin with test:, main: or script:" >&2
      return 2
      ;;
  esac
}

while [ "$done_parts" -lt "$parts" ]; do
  part_rounds=$(((rounds + parts - 1) / parts))
  part_seed=$((seed + done_parts * part_rounds))
  began=$(date +%s)
  run_part || {
    echo "FAILED in part $((done_parts + 1)) of $parts. Again: ./dev $kind $name --rounds $part_rounds --seed $part_seed"
    echo "  the whole log: $build/soak/$kind-$name.log"
    exit 1
  }
  spent=$((spent + $(date +%s) - began))
  done_parts=$((done_parts + 1))
  echo "$commit $seed $rounds $parts $done_parts $spent" >"$state"
  [ "$parts" = 1 ] || echo "part $done_parts of $parts done, $spent s so far"
done
echo "| $(date -u +%Y-%m-%d) | $commit | $kind $name | $rounds rounds | seed $seed | $spent s |"
