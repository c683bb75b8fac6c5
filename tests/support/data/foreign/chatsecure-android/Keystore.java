// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// Writes a key store as ChatSecure for Android does:
//   java Keystore.java FILE P Q G Y X [NAME VALUE]...
import java.io.FileOutputStream;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.spec.DSAPrivateKeySpec;
import java.security.spec.DSAPublicKeySpec;
import java.util.Base64;
import java.util.Properties;

public class Keystore {
    public static void main(String[] given) throws Exception {
        BigInteger[] n = new BigInteger[5];
        for (int i = 0; i < 5; ++i) n[i] = new BigInteger(given[i + 1], 16);
        KeyFactory factory = KeyFactory.getInstance("DSA");
        byte[] own = factory.generatePrivate(new DSAPrivateKeySpec(n[4], n[0], n[1], n[2])).getEncoded();
        byte[] open = factory.generatePublic(new DSAPublicKeySpec(n[3], n[0], n[1], n[2])).getEncoded();
        Base64.Encoder base64 = Base64.getMimeEncoder(76, new byte[] {'\n'});
        Properties keys = new Properties();
        keys.setProperty("alice@localhost.privateKey", base64.encodeToString(own));
        keys.setProperty("alice@localhost.publicKey", base64.encodeToString(open));
        for (int i = 6; i + 1 < given.length; i += 2) keys.setProperty(given[i], given[i + 1]);
        keys.store(new FileOutputStream(given[0]), null);
    }
}
