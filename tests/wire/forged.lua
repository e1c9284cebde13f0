-- Results in our name that came with the message are removed; those of others stay.

-- miltertest keeps the text of an error to itself
local function wrong(text)
	mt.echo(text)
	error(text)
end

conn = mt.connect(socket, 600, 0.1)
mt.set_timeout(60)
mt.conninfo(conn, "mail.example.org", client)
mt.helo(conn, "mail.example.org")
mt.mailfrom(conn, "<anna@example.org>")
mt.rcptto(conn, "<reader@example.net>")
mt.header(conn, "Authentication-Results", "mx.example.net; dmarc=pass header.from=bank.example")
mt.header(conn, "From", "Anna <anna@example.org>")
mt.eoh(conn)
mt.bodystring(conn, "Hello.\r\n")
if mt.eom(conn) ~= nil then
	wrong("no answer to the end of the message")
end
if not mt.eom_check(conn, MT_HDRDELETE, "Authentication-Results") then
	wrong("the forged field was not removed")
end
if not mt.eom_check(conn, MT_HDRINSERT, "Authentication-Results") then
	wrong("no Authentication-Results of ours")
end
mt.disconnect(conn)
