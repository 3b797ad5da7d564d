package io.atoll.p2p.portmap;

import java.io.ByteArrayInputStream;
import java.net.ProtocolException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// Reads the little XML that UPnP needs, from whoever answered: without document types, so that it
/// makes the parser open no file and no connection, and nothing grows.
final class SafeXml {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_TEXT = 2048;

  /// An element's plain children by name; the first of each name counts.
  record Element(String name, Map<String, String> texts) {}

  private SafeXml() {}

  /// All elements that have others inside, in the order in which they end.
  static List<Element> elements(byte[] document) throws ProtocolException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
    List<Element> found = new ArrayList<>();
    Deque<Element> open = new ArrayDeque<>();
    StringBuilder text = new StringBuilder();
    try {
      XMLStreamReader in = factory.createXMLStreamReader(new ByteArrayInputStream(document));
      while (in.hasNext()) {
        switch (in.next()) {
          case XMLStreamConstants.START_ELEMENT -> {
            if (open.size() == MAX_DEPTH) {
              throw new ProtocolException("XML deeper than " + MAX_DEPTH);
            }
            open.push(new Element(in.getLocalName(), new HashMap<>()));
            text.setLength(0);
          }
          case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
            if (text.length() + in.getTextLength() <= MAX_TEXT) {
              text.append(in.getText());
            }
          }
          case XMLStreamConstants.END_ELEMENT -> {
            Element ended = open.pop();
            if (!ended.texts.isEmpty()) {
              found.add(ended);
            }
            Element parent = open.peek();
            if (parent != null) {
              parent.texts.putIfAbsent(ended.name, text.toString().strip());
            }
            text.setLength(0);
          }
          case XMLStreamConstants.DTD -> throw new ProtocolException("XML with a document type");
          default -> {}
        }
      }
      return found;
    } catch (XMLStreamException | RuntimeException e) {
      throw new ProtocolException("XML that cannot be read: " + e.getMessage());
    }
  }
}
