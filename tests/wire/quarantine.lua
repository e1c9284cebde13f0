-- A spoofed message of a domain with p=quarantine: taken, held, labelled.

-- miltertest keeps the text of an error to itself
local function wrong(text)
	mt.echo(text)
	error(text)
end

conn = mt.connect(socket, 600, 0.1)
mt.set_timeout(60)
mt.conninfo(conn, "pool66.example.com", client)
mt.helo(conn, "pool66.example.com")
mt.mailfrom(conn, "<sales@shop.example>")
mt.rcptto(conn, "<reader@example.net>")
mt.header(conn, "From", "Shop <sales@shop.example>")
mt.eoh(conn)
mt.bodystring(conn, "Hello.\r\n")
if mt.eom(conn) ~= nil then
	wrong("no answer to the end of the message")
end
if mt.getreply(conn) ~= SMFIR_CONTINUE and mt.getreply(conn) ~= SMFIR_ACCEPT then
	wrong("the message was not taken: " .. mt.getreply(conn))
end
if not mt.eom_check(conn, MT_QUARANTINE) then
	wrong("it is not held")
end
if not string.find(mt.getheader(conn, "Authentication-Results", 0), "dmarc=fail", 1, true) then
	wrong("the header field does not say dmarc=fail")
end
mt.disconnect(conn)
