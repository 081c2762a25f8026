FROM rockylinux:9
RUN dnf -y install epel-release && dnf -y groupinstall "Development Tools" && dnf clean all
RUN dnf -y update
RUN yum clean all && rm -rf /var/cache/yum
