FROM opensuse/leap:15.5
RUN zypper --non-interactive refresh
RUN zypper --non-interactive install apache2 gcc
CMD ["/usr/sbin/start_apache2", "-DFOREGROUND"]
