// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Order, WinCert} from "../../interfaces/ISettlement.sol";
import {Payer} from "../../libraries/Funding.sol";
import {LimitMath} from "../../libraries/LimitMath.sol";
import {OrderLib} from "../../libraries/OrderLib.sol";
import {PoolAddress} from "../../libraries/PoolAddress.sol";
import {Signature} from "../../libraries/Signature.sol";
import {Hop} from "../../verbs/Hop.sol";
import {UniswapV3} from "../../verbs/UniswapV3.sol";

/// @notice The one defence that a {WeakSettlement} lacks.
enum Omit {
    Nothing,
    /// A nonce is filled or cancelled once.
    Nonce,
    /// An order funded by Permit2 uses up the nonce here too.
    SharedNonce,
    /// Chain and contract are part of what is signed.
    Domain,
    /// Only the lower of two signatures counts, and nonces are remembered instead of signatures.
    LowS,
    /// A failed recovery is nobody's signature.
    ZeroSigner,
    /// A contract must answer with the one magic word.
    Answer,
    /// The receiver is part of what is signed.
    Receiver,
    Deadline,
    /// The limit is due for the whole amount, not for what was sold.
    WholeLimit,
    /// An order that accepts nothing is refused.
    Empty,
    /// What did not arrive is not credited.
    Arrival,
    /// A payment that fails undoes the fill.
    Result,
    /// What is held of a token between may not become less.
    Held,
    /// Nothing is entered twice, and the nonce is used up before anything is called.
    Lock,
    /// The auction's phase needs a certificate.
    Certificate,
    /// A certificate is its winner's.
    Winner,
    /// A certificate dies.
    LastBlock
}

/// @notice One fill, as its solver asks for it.
struct Fill {
    Order order;
    bytes signature;
    /// 0 a key in 65 bytes, 1 ERC-1271, 3 Permit2.
    uint8 kind;
    uint128 amountIn;
    /// Two tokens or three; V3 pools of the fee 3000 join them.
    IERC20[] path;
    WinCert cert;
    bytes certSignature;
}

/// @notice A plain settlement over V3 that lacks one defence, so that the attack on it succeeds. With `Omit.Nothing` it
/// lacks none, and each attack fails: so it is the one defence that stops it.
contract WeakSettlement {
    using LimitMath for Order;
    using OrderLib for Order;
    using OrderLib for WinCert;
    using OrderLib for bytes32;

    Omit private immutable _omit;
    mapping(bytes32 key => bool isUsed) private _used;
    bool private transient _entered;
    uint256 private transient _got;

    error Refused(string why);

    constructor(Omit omit) {
        _omit = omit;
    }

    function cancel(uint64 nonce) external {
        _used[keccak256(abi.encode(msg.sender, nonce))] = true;
    }

    function fill(Fill calldata asked) external returns (uint256 sold, uint256 bought) {
        if (_entered && _omit != Omit.Lock) revert Refused("entered");
        _entered = true;
        Order memory order = asked.order;
        bytes32 signed = digest(order);
        if (_omit != Omit.Empty && order.limitEnd == 0) revert Refused("empty");
        if (_omit != Omit.Deadline && block.timestamp > order.validTo) revert Refused("deadline");
        _requireSignature(asked, signed);
        if (_omit != Omit.Lock) _useNonce(asked);
        uint256 floor = _floor(asked, signed);
        (sold, bought) = _cross(asked);
        if (_omit == Omit.Lock) _useNonce(asked);
        if (_omit == Omit.WholeLimit) floor = (floor * sold) / order.amount;
        if (bought < floor) revert Refused("limit");
        _entered = false;
    }

    function uniswapV3SwapCallback(int256 delta0, int256 delta1, bytes calldata data) external {
        (Hop memory hop, , ) = abi.decode(data, (Hop, uint256, Payer));
        if (msg.sender != _pool(hop.tokenIn, hop.tokenOut)) revert Refused("pool");
        uint256 arrived = UniswapV3.payCaller(delta0, delta1, data);
        _got = _omit == Omit.Arrival ? uint256(delta0 > 0 ? -delta1 : -delta0) : arrived;
    }

    /// @dev What an owner signs here.
    function digest(Order memory order) public view returns (bytes32) {
        address receiver = order.receiver;
        if (_omit == Omit.Receiver) order.receiver = address(0);
        bytes32 structHash = order.hash();
        order.receiver = receiver;
        return _omit == Omit.Domain ? structHash : OrderLib.domainSeparator().digest(structHash);
    }

    /// @dev What an auctioneer signs here, for the caller as winner.
    function certDigest(WinCert memory cert, bytes32 order, uint128 amount) public view returns (bytes32) {
        if (_omit == Omit.Winner) return keccak256(abi.encode(order, amount, cert));
        return OrderLib.domainSeparator().digest(cert.hash(order, amount));
    }

    function _requireSignature(Fill calldata asked, bytes32 signed) private view {
        address owner = asked.order.owner;
        if (asked.kind == 3) return;
        if (asked.kind == 1 && _omit == Omit.Answer) {
            (bool isDone, ) = owner.staticcall(abi.encodeWithSelector(0x1626ba7e, signed, asked.signature));
            if (!isDone) revert Refused("answer");
        } else if (asked.kind == 1) {
            Signature.requireContract(owner, signed, asked.signature);
        } else {
            (bytes32 r, bytes32 s, uint8 v) = abi.decode(asked.signature, (bytes32, bytes32, uint8));
            bool isLax = _omit == Omit.LowS || _omit == Omit.ZeroSigner;
            if (!isLax) Signature.requireKey(owner, signed, r, uint256(s), v);
            else if (ecrecover(signed, v, r, s) != owner) revert Refused("signer");
        }
    }

    function _useNonce(Fill calldata asked) private {
        if (_omit == Omit.SharedNonce && asked.kind == 3) return;
        bytes32 key = keccak256(abi.encode(asked.order.owner, asked.order.nonce));
        if (_omit == Omit.LowS) key = keccak256(asked.signature);
        if (_used[key] && _omit != Omit.Nonce) revert Refused("nonce");
        _used[key] = true;
    }

    function _floor(Fill calldata asked, bytes32 signed) private view returns (uint256 floor) {
        Order memory order = asked.order;
        floor = order.limitAt(block.timestamp);
        bool isNeeded = order.auctioneer != address(0) && block.timestamp <= order.decayStart;
        if (!isNeeded || _omit == Omit.Certificate) return floor;
        if (block.number > asked.cert.lastBlock && _omit != Omit.LastBlock) revert Refused("late");
        (bytes32 r, bytes32 s, uint8 v) = abi.decode(asked.certSignature, (bytes32, bytes32, uint8));
        Signature.requireKey(order.auctioneer, certDigest(asked.cert, signed, order.amount), r, uint256(s), v);
        return asked.cert.minOut > floor ? asked.cert.minOut : floor;
    }

    function _cross(Fill calldata asked) private returns (uint256 sold, uint256 bought) {
        Payer memory payer;
        payer.from = asked.order.owner;
        if (asked.kind == 3) {
            (payer.permitted, payer.nonce) = (asked.order.amount, asked.order.nonce);
            (payer.deadline, payer.witness) = (asked.order.validTo, asked.order.hash());
            payer.signature = asked.signature;
        }
        IERC20[] memory path = asked.path;
        bool isCustody = _omit == Omit.Result;
        address to = isCustody ? address(this) : asked.order.receiver;
        if (path.length == 2) {
            (sold, bought) = _hop(Hop(path[0], path[1], asked.amountIn, to), payer);
        } else {
            uint256 heldBefore = path[1].balanceOf(address(this));
            (sold, bought) = _hop(Hop(path[0], path[1], asked.amountIn, address(this)), payer);
            delete payer;
            payer.from = address(this);
            (, bought) = _hop(Hop(path[1], path[2], bought, to), payer);
            bool isLess = path[1].balanceOf(address(this)) < heldBefore;
            if (isLess && _omit != Omit.Held) revert Refused("held");
        }
        if (isCustody) _payUnseen(path[path.length - 1], asked.order.receiver, bought);
    }

    /// @dev A payment of its own, and nobody looks how it went.
    function _payUnseen(IERC20 token, address to, uint256 amount) private {
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        // solhint-disable-next-line no-unchecked-calls
        address(token).call(data);
    }

    function _hop(Hop memory hop, Payer memory payer) private returns (uint256 paid, uint256 got) {
        paid = UniswapV3.swap(_pool(hop.tokenIn, hop.tokenOut), hop, payer);
        got = _got;
    }

    function _pool(IERC20 tokenIn, IERC20 tokenOut) private pure returns (address) {
        return PoolAddress.v3(15, address(tokenIn), address(tokenOut), 3000);
    }
}
