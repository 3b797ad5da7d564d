# Runs Maven quietly: one line a module with its time, everything else in a log. Sourced; POSIX sh.
# Needs `root` (the checkout), `build` (its .build) and `jdk`.

# seconds: a clock in hundredths where the system offers one without starting a process, else in seconds.
seconds() {
  if [ -r /proc/uptime ]; then
    read -r now _ </proc/uptime
    now=${now%.*}${now#*.}
  else
    now=$(date +%s)00
  fi
}

# elapsed START: prints seconds since START with one digit.
elapsed() {
  seconds
  tenths=$(((now - $1) / 10))
  echo "$((tenths / 10)).$((tenths % 10))"
}

# Turns Maven's lines on stdin into progress on stderr.
maven_progress() {
  module='' since=0 fetched=0 tests=''
  while read -r line; do
    case $line in
      *'Downloaded from '*)
        fetched=$((fetched + 1))
        if [ -t 2 ]; then
          printf '\r  %-11s %s files fetched ' "$module" "$fetched" >&2
        elif [ $((fetched % 250)) -eq 0 ]; then
          echo "  $module: $fetched files fetched so far" >&2
        fi
        ;;
      *'Tests run:'*' -- in '* | *'Tests run:'*' - in '*) ;;
      *'Tests run:'*)
        tests=${line#*Tests run: }
        tests="  ${tests%%,*} tests"
        ;;
      *'[INFO] Building '* | *'[INFO] BUILD '*)
        if [ -n "$module" ]; then
          [ ! -t 2 ] || printf '\r\033[K' >&2
          printf '  %-11s %6s s%s\n' "$module" "$(elapsed "$since")" "$tests" >&2
        fi
        seconds
        since=$now tests=''
        module=${line#*Building }
        module=${module%% [0-9]*}
        case $line in *BUILD*) module='' ;; *) [ ! -t 2 ] || printf '  %-11s …' "$module" >&2 ;; esac
        ;;
    esac
  done
}

# run_maven LOG ARGUMENT...: Maven on the checkout; its status is Maven's.
run_maven() {
  maven_log=$1
  shift
  mkdir -p "$build"
  # Maven before 3.9 does not know MAVEN_ARGS; given by hand it holds for all, and is not given twice.
  maven_args=${MAVEN_ARGS:-}
  status=$build/maven.status.$$
  echo 1 >"$status"
  # shellcheck disable=SC2086 # MAVEN_ARGS is a list of words
  {
    cd "$root" || exit 1
    JAVA_HOME=$jdk MAVEN_ARGS='' MAVEN_OPTS=${MAVEN_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx1500m} \
      mvn -B -Dstyle.color=never $maven_args "$@" </dev/null 2>&1
    echo $? >"$status"
  } | tee "$maven_log" |
    grep --line-buffered -E '^\[INFO\] Building .*\[[0-9]+/[0-9]+\]$|^\[INFO\] BUILD |Downloaded from |Tests run:' |
    maven_progress
  read -r result <"$status"
  rm -f "$status"
  return "$result"
}

# explain_maven LOG: the errors of a failed run, on stderr.
explain_maven() {
  grep -E '^\[ERROR\]' "$1" | grep -vE '^\[ERROR\] *$|re-run Maven|full debug|Help 1|For more information|rf :|mvn spotless|you can resume' | head -n 25 |
    sed 's/^\[ERROR\] /    /' >&2
  echo "  the whole log: $1" >&2
}
