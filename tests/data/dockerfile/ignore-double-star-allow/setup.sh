if [ $BUILDER = docker ]; then rm .dockerignore; fi
