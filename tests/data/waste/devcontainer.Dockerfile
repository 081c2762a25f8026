FROM mcr.microsoft.com/devcontainers/python:3.11
RUN sudo apt-get update && sudo apt-get install -y tmux
USER vscode
RUN pip install --user black
