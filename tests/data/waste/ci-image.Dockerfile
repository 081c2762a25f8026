# image for our CI runners
FROM ubuntu:22.04
ARG TERRAFORM_VERSION=1.6.6
ARG KUBECTL=1.29.0
RUN apt-get update && apt-get upgrade -y && apt-get install -y \
    curl git jq unzip make docker openssh-client \
    vim less htop
RUN curl -LO https://example.org/terraform_${TERRAFORM_VERSION}_linux_amd64.zip
RUN unzip terraform_${TERRAFORM_VERSION}_linux_amd64.zip && mv terraform /usr/local/bin
RUN rm terraform_${TERRAFORM_VERSION}_linux_amd64.zip
RUN curl -Lo /usr/local/bin/kubectl https://example.org/kubectl-$KUBECTL
RUN chmod +x /usr/local/bin/kubectl
RUN curl "https://example.org/awscli-exe-linux-x86_64.zip" -o "awscliv2.zip" && unzip awscliv2.zip && ./aws/install
RUN rm -rf aws awscliv2.zip
ENTRYPOINT ["/bin/bash"]
