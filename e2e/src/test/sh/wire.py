# One end of a wire between two network namespaces, which have nothing in common but files: datagrams of
# UDP at this end are datagrams of a unix socket to the other.
#
#   wire.py phone FOLDER HOST PORT   is at HOST:PORT, and answers whoever sent to it last
#   wire.py door  FOLDER HOST PORT   sends to HOST:PORT
import select, socket, sys

role, folder, host, port = sys.argv[1:5]
near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
far = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
far.bind(folder + "/wire-" + role)
other = folder + "/wire-" + ("door" if role == "phone" else "phone")
peer = (host, int(port))
if role == "phone":
    near.bind(peer)
while True:
    for ready in select.select([near, far], [], [])[0]:
        try:
            if ready is near:
                data, sender = near.recvfrom(65535)
                if role == "phone":
                    peer = sender
                far.sendto(data, other)
            else:
                near.sendto(far.recv(65535), peer)
        except OSError:
            pass  # the other end is not there yet; datagrams may be lost
