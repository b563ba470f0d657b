# A client for a shell with netcat, which follows the guide and nothing else.
address=localhost port=8080
while :; do
	case $1 in
	-h | --help) echo "shell.sh [OPTIONS] ACTION URL [CONTENT]"; exit ;;
	-v | --verbose) shift ;;
	-a | --address) address=$2; shift 2 ;;
	-p | --port) port=$2; shift 2 ;;
	*) break ;;
	esac
done
action=$(echo "$1" | tr a-z A-Z)
path=$2
case $path in
sttp://*)
	server=${path#sttp://}
	path=/${server#*/}
	server=${server%%/*}
	address=${server%%:*}
	case $server in *:*) port=${server#*:} ;; *) port=8080 ;; esac
	;;
esac
reply=$(printf '%s\n\n' "$action $path${3:+ $3}" | nc "$address" "$port") || exit 1
printf '%s\n' "$reply"
case $reply in 100* | 200* | 600*) ;; *) exit 1 ;; esac
